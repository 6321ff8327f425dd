import { createHash } from 'node:crypto';
import { browserAssets } from '../../report/browser-assets.ts';
import { contentPolicy, renderPage } from '../../report/html/page.ts';
import { html, trusted } from '../../report/html/template.ts';

/**
 * The page before its script has heard anything. Everything that comes from the run gets in by the script, as text.
 * @throws when its script is not there: squall was not compiled
 */
export async function livePageHtml(
  token: string,
): Promise<{ readonly html: string; readonly headers: Readonly<Record<string, string>> }> {
  const assets = await browserAssets('live-page');
  const script = assets.script.replaceAll('</script', '<\\/script');
  const scripts = `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
  const policy = { scripts, connect: "'self'" };
  return {
    // The policy in the page cannot forbid that others frame it.
    headers: { 'content-security-policy': `${contentPolicy(policy)}; frame-ancestors 'none'` },
    html: renderPage({
      title: 'squall: live',
      ...policy,
      style: assets.style + STYLE,
      body: html`<main id="main" data-token="${token}">
<header class="hero" id="hero">
<div class="hero-row"><div class="hero-text">
<p class="brand">squall · live</p>
<h1><span class="word" id="word">…</span> <span class="drill" id="drill"></span></h1>
<p class="meaning" id="meaning" role="status">Waiting for squall.</p>
<ul class="reasons" id="reasons" aria-label="Reasons" hidden></ul>
<ul class="waits" id="waits" aria-label="What squall waits for"></ul>
<p class="meta" id="meta"></p>
</div>
<div class="stop" id="stop"></div></div>
<progress id="progress" max="1" value="0" aria-label="Of the load"></progress>
</header>
<p class="lost" id="lost" role="alert" hidden></p>
<dl class="tiles" id="figures" aria-label="Now"></dl>
${part('timeline', 'Timeline', html`<div id="live" class="live"></div>`)}
<div class="columns">
${part('objectives', 'Objectives, over the last seconds', html`<ul class="rows" id="objectives-rows"></ul>`)}
${part('faults', 'Faults', html`<ul class="rows" id="faults-rows"></ul>`)}
${part('probes', 'Probes', html`<ul class="rows" id="probes-rows"></ul>`)}
${part('alerts', 'Alerts', html`<p id="alerts-count"></p><ul class="rows" id="alerts-rows"></ul>`)}
</div>
${part('log', 'What happened', html`<div class="scroll log" id="log-lines" role="log" aria-label="What happened, newest last" tabindex="0"></div>`)}
<noscript><p>This page needs its script: without it, watch the terminal.</p></noscript>
</main>
<script>${trusted(script)}</script>`,
    }),
  };
}

function part(id: string, title: string, content: ReturnType<typeof html>) {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>`;
}

/** On top of the report's. */
const STYLE = `
[hidden]{display:none!important}
.hero{border-left-color:var(--accent)}.hero-row{display:flex;flex-wrap:wrap;gap:12px 24px;justify-content:space-between;align-items:flex-start}.hero-text{flex:1 1 420px;min-width:0}
.word{font-size:2rem}.hero.pass .word,.hero.fail .word,.hero.invalid .word{font-size:3.1rem}
.waits{list-style:none;padding:0;margin:4px 0 8px}.waits li{display:flex;flex-wrap:wrap;gap:0 10px}.waits .count{font-variant-numeric:tabular-nums;font-weight:650;min-width:4.5em}
.stop{display:flex;flex-wrap:wrap;gap:8px;align-items:center}.stop button{font-size:1rem;padding:8px 18px}.stop .danger{background:var(--fail);border-color:var(--fail);color:var(--card);font-weight:700}.stop p{flex-basis:100%;font-size:.9rem}
progress{display:block;width:100%;height:8px;margin-top:10px;appearance:none;border:0;border-radius:4px;background:var(--grid);overflow:hidden}progress::-webkit-progress-bar{background:var(--grid)}progress::-webkit-progress-value{background:var(--accent)}progress::-moz-progress-bar{background:var(--accent)}
.lost{margin-top:12px;padding:12px 16px;border:2px solid var(--fail);border-radius:10px;background:var(--failbg)}
#live{min-height:640px}
.columns>section{margin-top:16px}.columns{gap:0 16px}
.rows{list-style:none;padding:0;margin-top:6px}.rows li{padding:7px 0;border-bottom:1px solid var(--line)}.rows li:last-child{border-bottom:0}.rows b{margin-right:8px}.rows .badge{margin-right:8px}
.badge.plain{color:var(--soft);background:var(--bg)}
.log{max-height:340px;overflow:auto;margin-top:6px;font-size:.9rem}.log p{padding:2px 0}.log .good{color:var(--pass)}.log .bad{color:var(--fail)}
@media(max-width:700px){.word,.hero.pass .word,.hero.fail .word,.hero.invalid .word{font-size:2rem}}
`;
