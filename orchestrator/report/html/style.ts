/** The page's style sheet. Contrast of text against its background is at least 4.5 : 1 in both schemes. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#17202b;--soft:#566273;--line:#d9dee6;--pass:#11703a;--fail:#b3201c;--invalid:#8a5300;--passbg:#e3f4e9;--failbg:#fce8e7;--invalidbg:#fdf0d8;--accent:#1f5fbf;
--p50:#0f7f8f;--p95:#1f5fbf;--p99:#7a35b5;--requests:#1b7f6b;--failed:#c62f2a;--dropped:#995a00;--bad:#c62f2a;--band:rgba(198,47,42,.11);--unable:rgba(90,100,115,.28);--faultbar:#d6706c;--recoverybar:#bd7f1f;--steadybar:#4f9d74;--outage:#8f1512;--grid:#e4e8ee;--alert:#8a5300;--stop:#17202b}
@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1b212a;--ink:#e8ecf2;--soft:#a3afbf;--line:#323b48;--pass:#5fd38d;--fail:#ff8a84;--invalid:#f3bb5c;--passbg:#143323;--failbg:#46201f;--invalidbg:#40300f;--accent:#7fb0ff;
--p50:#5cc8d6;--p95:#5b9dff;--p99:#c796ff;--requests:#54cdb4;--failed:#ff8a84;--dropped:#f3bb5c;--bad:#ff8a84;--band:rgba(255,138,132,.13);--unable:rgba(160,170,185,.3);--faultbar:#c65f5b;--recoverybar:#b98736;--steadybar:#4a8f6a;--outage:#ffb3ae;--grid:#2a323d;--alert:#f3bb5c;--stop:#e8ecf2}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--pass:#11703a;--fail:#b3201c;--invalid:#8a5300;--passbg:#e3f4e9;--failbg:#fce8e7;--invalidbg:#fdf0d8;--accent:#1f5fbf;--p50:#0f7f8f;--p95:#1f5fbf;--p99:#7a35b5;--requests:#1b7f6b;--failed:#c62f2a;--dropped:#995a00;--bad:#c62f2a;--band:rgba(198,47,42,.11);--unable:rgba(90,100,115,.28);--faultbar:#d6706c;--recoverybar:#bd7f1f;--steadybar:#4f9d74;--outage:#8f1512;--grid:#e4e8ee;--alert:#8a5300;--stop:#000}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;overflow-wrap:anywhere}
main{max-width:1180px;margin:0 auto;padding:20px}
h1,h2,h3,h4,p,dl,dd,ul{margin:0}
h2{font-size:1.25rem;margin-bottom:4px}h3{font-size:1.05rem}h4{font-size:.8rem;color:var(--soft);font-weight:600}
ul{padding-left:1.2em}
code,pre{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.hero,section,.tiles>div{background:var(--card);border:1px solid var(--line);border-radius:10px}
section{padding:18px 20px;margin-top:16px}.none{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 14px;padding:9px 20px;margin-top:8px}.none h2{font-size:1rem}
.toc{display:flex;flex-wrap:wrap;gap:2px 18px;margin-top:14px;padding:0 4px;font-size:.9rem}.toc a,a:visited{color:var(--accent)}
.hero{padding:22px 24px;border-left:12px solid}
.hero.pass{border-left-color:var(--pass)}.hero.fail{border-left-color:var(--fail)}.hero.invalid{border-left-color:var(--invalid);border-left-style:double}
.brand{color:var(--soft);font-size:.85rem}
h1{display:flex;flex-wrap:wrap;align-items:center;gap:4px 18px;font-size:1.5rem;font-weight:600;line-height:1.2;margin:6px 0}
.word{font-size:3.1rem;font-weight:800;letter-spacing:.01em;display:inline-flex;align-items:center;gap:14px}
.symbol{display:inline-grid;place-items:center;width:1.15em;height:1.15em;border-radius:50%;color:var(--card);font-size:.8em;line-height:1}
.pass .word{color:var(--pass)}.fail .word{color:var(--fail)}.invalid .word{color:var(--invalid)}
.pass .symbol{background:var(--pass)}.fail .symbol{background:var(--fail);border-radius:22%}.invalid .symbol{background:var(--invalid);border-radius:0}
.meaning{font-size:1.1rem}
.reasons{margin:10px 0 14px;font-size:1.05rem}.reasons li{margin:5px 0}.reasons b{font-weight:600}.follows{display:block;font-size:.95rem;color:var(--soft)}.reasons details{margin-top:2px;font-size:.95rem}
.meta{display:flex;flex-wrap:wrap;gap:2px 20px;color:var(--soft);font-size:.88rem}.meta .wide{flex-basis:100%}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:10px;margin-top:16px}
.tiles>div{padding:12px 14px}
dt{color:var(--soft);font-size:.82rem}
.tiles .broken{border-color:var(--fail)}.tiles .broken dd{color:var(--fail)}.tiles .unproven{border-color:var(--invalid);border-style:dashed}.tiles .unproven dd{color:var(--invalid)}
.tiles dd{font-size:1.45rem;font-weight:650;line-height:1.25}.tiles small{display:block;font-size:.78rem;font-weight:400;color:var(--soft)}
.lead,.soft,.empty{color:var(--soft);font-size:.9rem}.lead{margin-bottom:10px}b .soft,.soft{font-weight:400}
.residue{border:2px solid var(--fail);background:var(--failbg)}.residue pre{margin:2px 0 8px;padding:8px 10px;background:var(--card);border:1px solid var(--line);border-radius:6px;white-space:pre-wrap}.residue dt{color:var(--ink)}
.badge{display:inline-block;white-space:nowrap;font-weight:700;font-size:.8rem;padding:1px 9px;border-radius:99px;border:1px solid currentColor}
.badge.pass{color:var(--pass);background:var(--passbg)}.badge.fail{color:var(--fail);background:var(--failbg);border-radius:5px}.badge.invalid{color:var(--invalid);background:var(--invalidbg);border-radius:0;border-style:dashed}
.why{display:block;font-size:.9rem;color:var(--soft)}
.scroll{overflow-x:auto}.scroll:focus-visible,button:focus-visible,select:focus-visible,summary:focus-visible,.panels:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
th,td{padding:7px 12px 7px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{color:var(--soft);font-weight:600;font-size:.8rem;white-space:nowrap}tbody th{font-weight:600;min-width:11em}tbody th,td .why,.phase{overflow-wrap:anywhere}tbody tr:last-child>*{border-bottom:0}
.num{text-align:right;white-space:nowrap;padding-right:20px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.phase{display:inline-block;min-width:9em}.phase.fault::before,.phase.recovery::before{content:"";display:inline-block;width:.6em;height:.6em;margin-right:.45em;background:var(--faultbar)}.phase.recovery::before{background:var(--recoverybar);border-radius:50%}
.fault+.fault{border-top:1px solid var(--line);margin-top:20px;padding-top:18px}
.fault h3{display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px}.kind,.fault h3 button{color:var(--soft);font-weight:400}
.stats{display:grid;grid-template-columns:repeat(auto-fill,minmax(140px,1fr));gap:8px 14px;margin:10px 0}
.columns{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:8px 32px;font-size:.93rem}.columns h4:not(:first-child){margin-top:8px}.columns tbody th{min-width:8.5em}.columns th,.columns td{padding-block:5px}
.facts>div{display:grid;grid-template-columns:140px 1fr;gap:2px 14px;padding:4px 0}.facts dt{font-size:.92rem}
details{margin-top:8px}summary{cursor:pointer;color:var(--accent)}.log time{display:inline-block;min-width:4.5em;color:var(--soft);font-variant-numeric:tabular-nums}
.legs>div{display:grid;grid-template-columns:4.5em 1fr;gap:0 8px;padding:2px 0}.legs .missing{color:var(--invalid)}.legs .missing dt{color:inherit;font-weight:700}.legs dt{font-size:inherit}
.ids{columns:2 300px}
meter{display:block;width:100%;min-width:70px;height:6px;margin-top:3px;appearance:none;border-radius:3px;background:var(--grid)}meter::-webkit-meter-bar{background:var(--grid);border:0;border-radius:3px;height:6px}meter::-webkit-meter-optimum-value{background:var(--invalid);border-radius:3px}meter::-moz-meter-bar{background:var(--invalid);border-radius:3px}
button,select{font:inherit;font-size:.85rem;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:3px 10px;cursor:pointer;max-width:100%}
.js{display:none}.scripted .js{display:inline-block}.scripted .static{display:none}
.static-chart{display:block;width:100%;min-width:640px;height:auto;font-size:11.5px}
.static-chart text{fill:var(--ink)}.static-chart .tick{fill:var(--soft)}.static-chart .title,.static-chart .lane text{paint-order:stroke;stroke:var(--card);stroke-width:4px}.static-chart .title{font-weight:600}.static-chart .key{font-weight:400}
.static-chart .grid{stroke:var(--grid)}.static-chart .line{fill:none;stroke-width:1.3;stroke-linejoin:round}
.p50{--c:var(--p50)}.p95{--c:var(--p95)}.p99{--c:var(--p99)}.requests{--c:var(--requests)}.failed{--c:var(--failed)}.dropped{--c:var(--dropped)}.bad{--c:var(--bad)}
.static-chart .limit{stroke:var(--c);stroke-dasharray:7 4}.static-chart .line{stroke:var(--c)}.static-chart .key{fill:var(--c)}.line.p99,.line.dropped{stroke-dasharray:5 2}
.static-chart .band{fill:var(--band)}.static-chart .unable{fill:var(--unable)}.static-chart rect.fault{fill:var(--faultbar)}.static-chart rect.recovery{fill:var(--recoverybar)}.static-chart rect.outage{fill:var(--outage)}.static-chart rect.unproven{fill:none;stroke:var(--soft);stroke-dasharray:4 3}
.mark line{stroke:var(--alert);stroke-dasharray:2 3}.mark path{fill:var(--alert)}.mark.stop line{stroke:var(--stop);stroke-width:2;stroke-dasharray:none}.mark.stop path{fill:var(--stop)}.mark.resolved line{stroke:none}.mark.resolved path{fill:none;stroke:var(--alert)}
.controls{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center;margin-bottom:10px;font-size:.85rem;color:var(--soft)}.controls label{display:inline-flex;gap:6px;align-items:center;min-width:0;max-width:100%;white-space:nowrap}.controls select{min-width:0;flex:1}
.readout{min-height:1.5em;font-size:.88rem;font-variant-numeric:tabular-nums}
.legend{display:flex;flex-wrap:wrap;align-items:center;gap:2px 6px;margin-top:10px;font-size:.85rem}.legend b{margin-right:8px}
.legend button{border-color:transparent;background:none;padding:1px 6px;font-variant-numeric:tabular-nums}.legend button::before{content:"";display:inline-block;width:14px;height:0;border-top:3px solid var(--c);margin-right:6px;vertical-align:middle}.legend .p99::before,.legend .dropped::before{border-top-style:dashed}.legend button[aria-pressed=false]{color:var(--soft);text-decoration:line-through}.legend button[aria-pressed=false]::before{opacity:.3}
.legend output{font-weight:600}.legend output:not(:empty){display:inline-block;min-width:3.6em}
.key-row{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:.8rem;color:var(--soft);margin-top:6px}.swatch{display:inline-block;width:16px;height:8px;margin-right:6px;vertical-align:middle}.swatch.fault{background:var(--faultbar)}.swatch.recovery{background:var(--recoverybar)}.swatch.unable{background:var(--unable)}.swatch.outage{background:var(--outage);height:3px}.swatch.steady{background:var(--steadybar)}.swatch.unproven,.swatch.planned{border:1px dashed var(--soft)}
.u-select{background:var(--accent)!important;opacity:.18}
@media(max-width:700px){main{padding:8px}section{padding:14px 12px;margin-top:10px}.hero{padding:16px 14px;border-left-width:8px}.word{font-size:2.4rem}.tiles{grid-template-columns:1fr 1fr;gap:8px;margin-top:10px}.tiles dd{font-size:1.2rem}.columns,.facts>div{grid-template-columns:1fr}.facts dt{font-weight:600}.stats{grid-template-columns:1fr 1fr}
table,tbody{display:block}tbody tr{display:flex;flex-wrap:wrap;gap:2px 18px}tbody th{flex:1 1 55%}td{order:2}td:has(>.badge){order:1}.why{margin-top:2px}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}tbody tr{padding:8px 0;border-bottom:1px solid var(--line)}tbody tr:last-child{border-bottom:0}th,td,.num{border:0;padding:2px 0}td,.num{white-space:normal;text-align:left}td:not(:has(>.badge))::before{content:attr(data-label);color:var(--soft);font-size:.85em;margin-right:6px}.phase{min-width:0}meter{display:inline-block;width:90px;margin-left:8px}}
@media print{:root{font-size:11.5px}body{font-size:11px}main{max-width:none;padding:0}.tiles{grid-template-columns:repeat(6,1fr)}.scroll{overflow:visible}.static-chart{min-width:0}h2,h3,.lead,#timeline,.columns{break-inside:avoid;break-after:avoid-page}#timeline,.columns{break-after:auto}details::details-content{content-visibility:visible;block-size:auto}summary{list-style:none;color:inherit}section,.hero,.tiles>div{border-color:#bbb}.scripted .static{display:block}.live,.scripted .js,.js,.toc{display:none!important}.fault,tr,.hero{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
