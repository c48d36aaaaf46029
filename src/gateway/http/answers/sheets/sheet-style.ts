/** The only style of a contact sheet; its hash is in the page's content security policy. */
export const sheetStyle = `
:root { color-scheme: light dark; --ink: #1c1c1e; --quiet: #5f6368; --rule: #e3e5e8; --edge: #8b9097; --paper: #fff; --blank: #f4f5f6; --accent: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececee; --quiet: #a3a7ad; --rule: #3a3c40; --edge: #7d8289; --paper: #17181a; --blank: #232528; --accent: #8ab4f8; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1480px; margin: 0 auto; padding: 32px 40px 0; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 0 0 2px; }
h3 { font-size: 15px; margin: 0 0 12px; max-width: 100ch; overflow-wrap: anywhere; }
p { margin: 0; color: var(--quiet); }
a { color: var(--accent); }
img { display: block; width: 100%; border-radius: 3px; background: var(--blank); }
figure { margin: 0; min-width: 0; }
figcaption { color: var(--quiet); font-size: 12.5px; padding-top: 5px; }
.source { max-width: 660px; margin: 18px 0 24px; }
.source figcaption { font-weight: 600; }
.heads, .take { display: grid; gap: 20px; padding-left: 34px; position: relative; }
.columns-1 .heads, .columns-1 .take { grid-template-columns: minmax(0, 760px); }
.columns-2 .heads, .columns-2 .take { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.columns-3 .heads, .columns-3 .take { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.columns-4 .heads, .columns-4 .take { grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); }
.heads { border-top: 2px solid var(--ink); border-bottom: 1px solid var(--rule); padding-top: 12px; padding-bottom: 12px; position: sticky; top: 0; background: var(--paper); z-index: 1; }
.heads p { font-size: 12.5px; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.where { display: none; font-weight: 600; font-size: 12.5px; padding-bottom: 3px; }
.scene { border-bottom: 1px solid var(--rule); padding: 18px 0 20px; }
.take + .take { margin-top: 18px; }
.run { position: absolute; left: 6px; top: 0; color: var(--quiet); }
.missing { background: var(--blank); border-radius: 3px; min-height: 64px; padding: 12px 14px; font-size: 12.5px; overflow-wrap: anywhere; }
.scores { display: flex; flex-wrap: wrap; gap: 6px 14px; padding-top: 6px; font-size: 12.5px; color: var(--quiet); }
input { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: 4px; padding: 2px 6px; }
.scores input { width: 62px; }
.scenes { display: grid; gap: 28px 24px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 520px), 1fr)); padding: 20px 0 40px; }
.scenes section { min-width: 0; }
.prompt { overflow-wrap: anywhere; padding-bottom: 8px; }
.scenes figcaption p { font-size: 12.5px; overflow-wrap: anywhere; }
footer { position: sticky; bottom: 0; display: flex; flex-wrap: wrap; align-items: center; gap: 10px 18px; padding: 14px 0 18px; background: var(--paper); border-top: 2px solid var(--ink); }
footer p { flex: 1 1 340px; }
footer input { padding: 5px 8px; width: 180px; }
button { font: inherit; font-weight: 600; color: var(--paper); background: var(--ink); border: 0; border-radius: 6px; padding: 7px 16px; cursor: pointer; }
@media (max-width: 720px) {
  main { padding: 20px 16px 0; }
  .columns-1 .take, .columns-2 .take, .columns-3 .take, .columns-4 .take { grid-template-columns: minmax(0, 1fr); padding-left: 24px; }
  .heads { position: static; grid-template-columns: minmax(0, 1fr) !important; padding-left: 0; }
  .where { display: block; }
  footer { position: static; }
}
@media print { footer, .scores { display: none; } .heads { position: static; } }
`
