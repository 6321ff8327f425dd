import { element } from '../../../report/browser/dom.ts';

/** Stops the run, after a second question: everything is undone then, and the run is INVALID. */
export interface StopButton {
  /** Somebody, here or elsewhere, is stopping it. */
  stopping(): void;
  /** There is nothing left to stop. */
  remove(): void;
}

export function stopButton(place: HTMLElement, token: string): StopButton {
  let state: 'idle' | 'asking' | 'stopping' = 'idle';
  ask(false);

  function ask(focus: boolean): void {
    state = 'idle';
    const button = plainButton('Stop the run', '', () => confirm());
    place.replaceChildren(button);
    if (focus) button.focus();
  }

  function confirm(): void {
    state = 'asking';
    const text = element(
      'p',
      '',
      'All faults are undone, the load ends, and the run proves nothing (INVALID).',
    );
    const yes = plainButton('Stop it now', 'danger', () => void send());
    const no = plainButton('Go on', '', () => ask(true));
    place.replaceChildren(text, yes, no);
    yes.focus();
  }

  async function send(): Promise<void> {
    say('Stopping: everything is being undone.');
    state = 'stopping';
    try {
      const answer = await fetch('stop', { method: 'POST', headers: { 'x-squall-token': token } });
      if (answer.status !== 202) throw new Error(await answer.text());
    } catch (error) {
      ask(true);
      place.append(
        element('p', '', `It was not stopped: ${(error as Error).message}. In a terminal: squall stop`),
      );
    }
  }

  function say(text: string): void {
    const line = element('p', '', text);
    line.setAttribute('role', 'status');
    place.replaceChildren(line);
  }

  return {
    stopping() {
      if (state === 'stopping') return;
      state = 'stopping';
      say('Stopping: everything is being undone.');
    },
    remove: () => place.replaceChildren(),
  };
}

function plainButton(text: string, className: string, press: () => void): HTMLButtonElement {
  const button = element('button', className, text);
  button.type = 'button';
  button.addEventListener('click', press);
  return button;
}
