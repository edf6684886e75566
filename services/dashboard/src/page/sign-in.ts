import { byId, setText } from './dom.js';
import type { Account } from './preferences.js';
import type { PageState } from './state.js';
import type { Speech } from './view.js';

/** The form that appears where the broker lets nobody in without an account. */
export class SignIn {
  readonly #form = byId<HTMLFormElement>('sign-in');
  readonly #username = byId<HTMLInputElement>('user-name');
  readonly #password = byId<HTMLInputElement>('password');

  constructor(onAccount: (account: Account) => void) {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      onAccount({ username: this.#username.value, password: this.#password.value });
      this.#password.value = '';
    });
  }

  /** Returns true while the form stands in place of the values. */
  render({ link, wrongPassword }: PageState, { text }: Speech): boolean {
    const wanted = link === 'sign-in' || link === 'refused';
    const appears = wanted && this.#form.hidden;
    this.#form.hidden = !wanted;
    setText(byId('sign-in-text'), text(link === 'refused' ? 'refusedText' : 'signInText'));
    setText(byId('sign-in-fault'), wrongPassword ? text('wrongPassword') : '');
    if (appears) (this.#username.value === '' ? this.#username : this.#password).focus();
    return wanted;
  }
}
