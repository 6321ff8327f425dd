/** Which model answers a request, and what that costs. Not a real router: it looks at words. */
export type Model = 'gpt-4o' | 'claude' | 'gemini';

/** Dollars for a million tokens. */
export const dollarsPerMillion: Readonly<Record<Model, number>> = { 'gpt-4o': 10, claude: 15, gemini: 1 };

export const otherModel: Readonly<Record<Model, Model>> = {
  'gpt-4o': 'claude',
  claude: 'gemini',
  gemini: 'gpt-4o',
};

/** Beginnings of words that speak for a model. What speaks for none is short and cheap to answer. */
const signs: Readonly<Record<Exclude<Model, 'gemini'>, readonly string[]>> = {
  'gpt-4o': [
    ...['lyric', 'verse', 'chorus', 'hook', 'rhyme', 'song', 'story', 'write', 'compose', 'slogan', 'poem'],
    ...['bio', 'caption', 'title', 'rap', 'bridge', 'rewrite', 'catchy', 'invent', 'imagine'],
  ],
  claude: [
    ...[
      'analy',
      'compare',
      'explain why',
      'review',
      'contract',
      'code',
      'script',
      'debug',
      'plan',
      'step by step',
    ],
    ...[
      'arrange',
      'mixdown',
      'harmon',
      'summar',
      'refactor',
      'royalt',
      'why do',
      'trade-off',
      'diagnose',
      'audit',
    ],
  ],
};

export function routeOf(prompt: string): Model {
  const text = prompt.toLowerCase();
  const speaksFor = (model: keyof typeof signs) =>
    signs[model].filter((sign) => new RegExp(`\\b${sign}`).test(text)).length;
  const [creative, thorough] = [speaksFor('gpt-4o'), speaksFor('claude')];
  if (creative === 0 && thorough === 0) return 'gemini';
  return thorough >= creative ? 'claude' : 'gpt-4o';
}
