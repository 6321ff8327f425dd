import type { Outcome } from '../../verdict.types.ts';
import { type Integration, jsonDelivery } from './integration.ts';
import { cut, faultTitle, summary, title } from './words.ts';

const MARK: Readonly<Record<Outcome, string>> = { PASS: '✅', FAIL: '❌', INVALID: '⚠️' };

/**
 * An incoming webhook with Block Kit. `text` is what notifications show. A header has at most 150 characters, a section 3,000.
 * https://api.slack.com/reference/block-kit/blocks
 */
export const slack: Integration<'slack'> = {
  name: 'slack',
  deliveries({ webhook, on }, { verdict, link }) {
    if (!on.includes(verdict.verdict)) return [];
    const name = `${MARK[verdict.verdict]} ${title(verdict)}`;
    const faults = verdict.faults.map((fault) => `• ${faultTitle(fault)}`).join('\n');
    const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text: cut(text, 3_000) } });
    return [
      jsonDelivery(webhook, {
        text: plain(name),
        blocks: [
          { type: 'header', text: { type: 'plain_text', text: cut(name, 150) } },
          section(plain(summary(verdict))),
          ...(faults === '' ? [] : [section(plain(faults))]),
          section(
            link === undefined
              ? `Run \`${plain(verdict.run)}\``
              : `<${encodeURI(decoded(link))}|Report of ${plain(verdict.run)}>`,
          ),
        ],
      }),
    ];
  },
};

/** Slack's own three; everything else is shown as it is, so that no text of a target becomes a link or a mention. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Encoded once, whether it came encoded or not: a `|` or `>` would end the link. */
function decoded(link: string): string {
  try {
    return decodeURI(link);
  } catch {
    return link;
  }
}
