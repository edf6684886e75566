/** What a person chose on this device, and the account of this session. */

export type Theme = 'auto' | 'light' | 'dark';
export const themes: readonly Theme[] = ['auto', 'light', 'dark'];

export interface Account {
  readonly username: string;
  readonly password: string;
}

const keys = { theme: 'wattbus.theme', language: 'wattbus.language', account: 'wattbus.account' };

export const chosenTheme = (): Theme =>
  themes.find((one) => one === read(() => localStorage, keys.theme)) ?? 'auto';
export const chooseTheme = (theme: Theme): void => write(() => localStorage, keys.theme, theme);

export const chosenLanguage = (): string | null => read(() => localStorage, keys.language);
export const chooseLanguage = (language: string): void =>
  write(() => localStorage, keys.language, language);

/** Kept for this tab only: closing it signs out. */
export function savedAccount(): Account | null {
  try {
    const saved = JSON.parse(read(() => sessionStorage, keys.account) ?? 'null') as Account | null;
    return saved && typeof saved.username === 'string' ? saved : null;
  } catch {
    return null;
  }
}
export const saveAccount = (account: Account | null): void =>
  write(() => sessionStorage, keys.account, account && JSON.stringify(account));

/** Shows the theme; `auto` follows the device. */
export function applyTheme(theme: Theme): void {
  const dark = theme === 'auto' ? darkDevice.matches : theme === 'dark';
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

export const darkDevice = matchMedia('(prefers-color-scheme: dark)');

// A browser may refuse storage altogether; then choices last until the page is closed.
function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    return;
  }
}
