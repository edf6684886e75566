/** A setting that names one address or, in the order in which they are tried, several. */
export function addressesOf(setting: string): readonly string[] {
  return setting.split(',').map((one) => one.trim());
}

/** Matches what `addressesOf` takes apart, where each address begins with one of the schemes. */
export function addressesPattern(schemes: readonly string[]): RegExp {
  const one = `(${schemes.join('|')})://[^,\\s]+`;
  return new RegExp(`^${one}(\\s*,\\s*${one})*$`);
}
