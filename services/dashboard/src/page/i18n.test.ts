import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { languageOf, languages, nameOf, textKeys, translator } from './i18n.js';

const hangul = /[가-힣]/;

test('has every text in both languages, each in its own script', () => {
  const [en, ko] = languages.map(translator);
  for (const key of textKeys) {
    expect(en!(key)).not.toBe('');
    expect(ko!(key)).not.toBe('');
    // The language switch names the other language in that one's own words.
    if (key === 'otherLanguage' || key === 'title') continue;
    expect([key, hangul.test(en!(key)), hangul.test(ko!(key))]).toEqual([key, false, true]);
  }
});

test('fills the same places in both languages', () => {
  const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  const source = readFileSync(new URL('./i18n.ts', import.meta.url), 'utf8');
  const rows = [...source.matchAll(/^ {2}(\w+): \[\s*'([^']*)',\s*'([^']*)',?\s*\],$/gm)];
  expect(rows.length).toBe(textKeys.length);
  for (const [, key, en, ko] of rows) expect([key, places(ko!)]).toEqual([key, places(en!)]);
  expect(translator('ko')('lastReading', { age: '3초 전' })).toBe('마지막 측정: 3초 전');
});

test('has no text that the page never shows', () => {
  const here = new URL('./', import.meta.url);
  const files = readdirSync(here).filter((name) => name.endsWith('.ts') && !/test/.test(name));
  const sources = files.map((name) => readFileSync(new URL(name, here), 'utf8'));
  sources.push(readFileSync(new URL('../../page/index.html', here), 'utf8'));
  const all = sources.join('\n');
  // Badges take their key from a service's condition, which is a type and no string.
  const conditions = ['ready', 'degraded', 'starting', 'silent', 'stopped', 'lost'];
  const unused = textKeys.filter(
    (key) => !conditions.includes(key) && !new RegExp(`['"]${key}['"]`).test(all),
  );
  expect(unused).toEqual([]);
});

test('speaks the chosen language, else the one configured, else the one of the browser', () => {
  expect(languageOf('ko', 'en', ['en-GB'])).toBe('ko');
  expect(languageOf(null, 'ko', ['en-GB'])).toBe('ko');
  expect(languageOf(null, 'auto', ['nl-BE', 'ko-KR', 'en'])).toBe('ko');
  expect(languageOf(null, 'auto', ['nl-BE'])).toBe('en');
  expect(languageOf('tlh', 'auto', [])).toBe('en');
});

test('names services, and shows a name that it does not know as it is', () => {
  expect(nameOf(translator('ko'), 'historian')).toBe('기록');
  expect(nameOf(translator('en'), 'constructor')).toBe('constructor');
});
