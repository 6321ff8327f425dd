import { ProviderError } from '../../../prepared-fault.ts';
import type { Ask, FromCarrier, ToCarrier } from './messages.ts';

/** Questions to whoever carries a link, each with a number by which its answer is known. */
export interface Questions {
  /** @throws ProviderError as the carrier says it, or `gone()` when it is gone or too late */
  ask(what: Ask): Promise<FromCarrier>;
  answered(answer: FromCarrier): void;
  /** None that is open will be answered any more, and none can be asked. */
  end(): void;
  readonly isOpen: () => boolean;
}

/** @param withinMs for one answer; left out: a carrier that lives answers */
export function createQuestions(options: {
  readonly send: (message: ToCarrier) => void;
  readonly gone: () => ProviderError;
  readonly withinMs?: number;
}): Questions {
  const { send, gone, withinMs } = options;
  const waiting = new Map<number, (answer: FromCarrier | ProviderError) => void>();
  let asked = 0;
  let isOpen = true;
  return {
    isOpen: () => isOpen,
    async ask(what) {
      if (!isOpen) throw gone();
      asked += 1;
      const id = asked;
      let timer: NodeJS.Timeout | undefined;
      const answer = await new Promise<FromCarrier | ProviderError>((resolve) => {
        if (withinMs !== undefined) timer = setTimeout(() => resolve(gone()), withinMs);
        waiting.set(id, resolve);
        send({ ...what, id });
      });
      clearTimeout(timer);
      waiting.delete(id);
      if (answer instanceof ProviderError) throw answer;
      if (answer.problem !== undefined) throw new ProviderError(answer.problem, { fix: answer.fix });
      return answer;
    },
    answered: (answer) => waiting.get(answer.id)?.(answer),
    end() {
      isOpen = false;
      for (const settle of waiting.values()) settle(gone());
    },
  };
}
