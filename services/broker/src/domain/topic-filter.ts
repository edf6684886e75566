/**
 * MQTT topic filters as sets of topics: which topics a filter matches, and whether one filter
 * matches everything that another does (MQTT 3.1.1 §4.7).
 */

/** The most levels that a topic or filter may have; the routing trie itself ends at 100. */
export const TOPIC_LEVELS_MAX = 32;

/** True for a filter that MQTT allows: wildcards fill a whole level, `#` only the last one. */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split('/');
  return (
    filter !== '' &&
    !filter.includes('\0') &&
    levels.length <= TOPIC_LEVELS_MAX &&
    levels.every(
      (level, i) =>
        level === '+' || (level === '#' && i === levels.length - 1) || !/[+#]/.test(level),
    )
  );
}

/** True where the filter matches the concrete topic; both are valid. */
export function filterMatches(filter: string, topic: string): boolean {
  return levelsMatch(filter.split('/'), topic.split('/'));
}

/** `filterMatches` on split levels, for one filter against many topics. */
export function levelsMatch(filter: readonly string[], topic: readonly string[]): boolean {
  for (const [i, level] of filter.entries()) {
    const hidden = i === 0 && topic[0]!.startsWith('$');
    if (level === '#') return !hidden;
    const actual = topic[i];
    if (actual === undefined || (level === '+' ? hidden : level !== actual)) return false;
  }
  return filter.length === topic.length;
}

/** True where every topic that `requested` matches is also matched by `allowed`. */
export function filterCovers(allowed: string, requested: string): boolean {
  // A topic has at least one level, so these two are the same set.
  const wanted = requested === '#' ? ['+', '#'] : requested.split('/');
  // §4.7.2: a leading wildcard does not match topics that begin with `$`.
  const hidden = wanted[0]!.startsWith('$');
  const levels = allowed.split('/');
  for (const [i, level] of levels.entries()) {
    if (level === '#') return !(i === 0 && hidden);
    const other = wanted[i];
    if (other === undefined || other === '#') return false;
    if (level === '+' ? i === 0 && hidden : level !== other) return false;
  }
  return levels.length === wanted.length;
}
