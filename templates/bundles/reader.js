// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function l(n,t="",e=""){let s=document.createElement(
n);return s.textContent=t,e&&(s.className=
e),s}function m(n,t={},e=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",n);for(let[o,r]of Object.entries(t))
s.setAttribute(o,String(r));return e&&(s.
textContent=e),s}function E(n,{read:t=!1}={}){
return n.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function $(n,t){let e=l("a",n);return e.
href=t,e}function q(n,t){let e=l("span"),
s=l("bdi",n,"token");return s.translate=
!1,e.append(s,l("span",` ${t}`,"soft")),
e}var T=n=>`${n}px`,_=(n,t)=>Math.min(t-
1,Math.max(0,n));function k(n,t=document){
return t.querySelector(n)}function v(n,t,e=document){
return Array.from(e.querySelectorAll(t)).
filter(s=>s instanceof n)}function Wt(n,t){for(let e of n)t(e)?e.setAttribute(
"aria-current","true"):e.removeAttribute(
"aria-current")}var D=n=>n.altKey||n.ctrlKey||
n.metaKey;function Bt(){for(let n of document.querySelectorAll(
"[data-needs-script]"))n.removeAttribute(
"hidden")}var b=n=>n.replaceAll("_"," ");function R(n){
return n==null?"–":n.toFixed(Math.abs(
n)<10?3:1)}var X=n=>String(n).replace(/\B(?=(\d{3})+$)/g,
",");var jt=n=>n.replace(/[^\p{L}\p{N}.]+/gu,
"-");var[kt,V]=[420,150],on=[-64,-16,-4,-1,0,
1,2,4,8,16,32,64,128,256],rn="Share of t\
he attention that goes to the key that m\
any tokens back (square-root axis), over\
 the queries of the sequences above that\
 have one. The first position, special t\
okens, and others where the heads of the\
 layer rest are left out.",an="Mean atte\
ntion on the key that many tokens back (\
square-root axis), the sink among them.";
function zt(n,t){if(!t)return n.append(l(
"p","The scan kept no attention by dista\
nce."));let{curves:e,peaks:s,off_sink:o}=t,
r=b(e[0][0]),a=h=>s.map(([d,p])=>`${d} b\
ack (${h===3?R(p/1e3):(p/1e3).toFixed(h)}\
)`).join(", "),i=e.length>1?"; grey: the\
 other probes":"",c=`${o?rn:an} Dark: ${r}${i}\
. There most at ${a(2)}.`;n.append(cn(t,
`Attention by distance. On ${r} most at ${a(
3)}.`),l("p",c,"caption"))}function cn({
curves:n,ticks:t},e){let s=Math.min(...n.
map(([,d])=>d)),o=Math.max(...n.map(([,d,
p])=>d+p.length-1)),r=d=>Math.sign(d)*Math.
sqrt(Math.abs(d)),a=d=>Math.round(10*kt*
(r(d)-r(s))/(r(o)-r(s)))/10,i=m("svg",{class:"\
chart distance-chart",viewBox:`-34 -8 ${kt+
44} ${V+36}`,role:"img","aria-label":e});
i.append(m("path",{class:"frame",d:`M0 0\
V${V}H${kt}`})),t.forEach((d,p)=>{i.append(
m("text",{class:"y",x:-5,y:V*(1-p/(t.length-
1))},d))});for(let d of on.filter(p=>s<=
p&&p<=o))i.append(m("path",{class:"tick",
d:`M${a(d)} ${V}v4`})),i.append(m("text",
{class:"x",x:a(d),y:V+16},String(d)));let[
c,...h]=n.map(([d,p,f])=>{let x=f.map((w,g)=>`${Math.
round(a(p+g))} ${w}`).join("L");return{probe:b(
d),line:`M${x}`}});for(let{probe:d,line:p}of h)
i.append(Ut("other",d,p));return i.append(
Ut("own",c.probe,c.line)),i}function Ut(n,t,e){
let s=m("path",{class:n,d:e});return s.append(
m("title",{},t)),s}var ln=7,hn=["Evidence","Probe","Value",
"Among all heads","95% interval","More t\
han","Model's own"],dn="Dot: value; bar:\
 interval; pale band: the middle 90% of \
all heads. Estimate: to first order, sin\
ce it promised to be small. Of weights, \
more than means a smaller value. A head \
whose work others can do is not missed w\
hen it alone is taken out.";function Kt(n,{
lines:t,heads:e}){let s=e[String(n.dataset.
evidence)];if(!s)return;let o=new Map;s.
line.forEach((a,i)=>{let[c,,h]=t[a],d=o.
get(c)??new Map;d.set(h,[...d.get(h)??[],
i]),o.set(c,d)});let r=Array.from(o,([a,
i])=>{let c=l("tbody");c.append(un(a));for(let h of i.
values())c.append(...h.map((d,p)=>mn(t[s.
line[d]],s,d,p?0:h.length)));return c});
n.replaceChildren(pn(),...r),n.closest("\
.scroll")?.after(l("p",dn,"caption"))}function pn(){
let n=l("thead"),t=l("tr");for(let[e,s]of hn.
entries()){let o=l("th",s,e===2||e>3?"n":
"");o.scope="col",t.append(o)}return n.append(
t),n}function un(n){let[t,e]=[l("tr"),l(
"th",n)];return e.scope="rowgroup",e.colSpan=
ln,t.append(e),t}function mn([,n,t,e,s,o],r,a,i){
let c=l("tr");if(i){let g=l("th",`${n} `);
[g.scope,g.rowSpan,g.title]=["row",i,t],
g.append(l("span",e,"soft")),c.append(g)}
let h=l("td");o&&h.append(fn(`${o} ${r.strip[a]}`));
let d=!!r.estimated[a],f=r.low[a]!==null&&
r.high[a]!==null?`${et(r.low[a])} to ${et(
r.high[a])}`:"–",x=l("td",`${d?"about ":
""}${et(r.value[a])}`),w=[d?"estimate":f,
r.rank[a]||"–",et(r.intact[a])];return c.
append(l("td",b(s)||"–"),x,h,...w.map(
g=>l("td",g))),c}var et=n=>R(n===null?null:
n/1e3);function fn(n){let[t,e,s,o]=n.split(
" "),r=m("svg",{class:"strip","aria-hidd\
en":"true"});return r.append(m("path",{class:"\
band",d:`M${t.replace("H"," 6H")}`})),e!==
"-"&&r.append(m("path",{d:`M${e} 0v12`})),
s!=="-"&&r.append(m("path",{class:"ci",d:`\
M${s.replace("H"," 6H")}`})),r.append(m(
"path",{class:"at",d:`M${o} 6h0`})),r}async function bt(n){let t=new Uint16Array(
n.length),e=0;for(let r=1;r<n.length;r++){
let a=n.charCodeAt(r);t[e++]=a===57344?n.
charCodeAt(++r)^32768:a}let s=new Uint8Array(
t.buffer,0,2*e-Number(n[0])),o=new Blob(
[s]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}function F(){let n=document.querySelector(
"h1")?.textContent?.trim().replace(/H\d+$/,
"")??"";return window.headatlas.data.layers?.[n]}
async function Gt(n=F()){return n?JSON.parse(
new TextDecoder().decode(await bt(n.tables))):
null}function Xt({probes:n,parts:t,heads:e},s){
return(e[s]??[]).map(([o,...r])=>{let a=[];
for(let i=0;i<r.length;i+=2)a.push([...t[r[i]],
r[i+1]]);return[...n[o],a]})}function $t(n,t=F()){
let e=t?.maps[n];return t&&e?t.kept[e[0]]:
[]}var At=(n,t=F())=>t?.rests[n]??[];function Vt(n){
return n!==null?[...$t(n)]:Array.from(new Set(
F()?.kept.flat()??[]))}function Mt(n,t=F()){
return Object.keys(t?.maps??{}).filter(e=>$t(
e,t).includes(n))}var vt=new Map;async function St(n,t,e,s=F()){
if(n==="mean")return wn(await Promise.all(
Mt(t,s).map(w=>St(w,t,e,s))));let{causal:o,
maps:r}=s,[a,i]=[$t(n,s),r[n][1]];vt.has(
i)||vt.set(i,bt(i));let c=await vt.get(i),
{rows:h,columns:d}=e[t],p=(w,g)=>o?Math.
min(w+1,g):g,f=0;for(let w of a.slice(0,
a.indexOf(t)))for(let g=0;g<e[w].rows;g++)
f+=p(g,e[w].columns);let x=new Int16Array(
h*d).fill(-1);for(let w=0;w<h;w++){let g=p(
w,d),S=c.subarray(f,f+g);x.set(S,w*d),x[w*
d]=S[0]+255-S.subarray(1).reduce((N,xt)=>N+
xt,0)&255,f+=g}return{rows:h,columns:d,weights:x,
rests:At(t,s)}}function wn(n){let[{rows:t,
columns:e,rests:s}]=n,o=new Int16Array(t*
e);for(let r=0;r<o.length;r++){let a=n.reduce(
(c,h)=>c+h.weights[r],0)/n.length,i=Math.
round(a);o[r]=i-a===.5&&i%2?i-1:i}return{
rows:t,columns:e,weights:o,rests:s}}var Et="../../",gn="The nearest heads of\
 this atlas; a difference leads to both \
side by side. It is the distance of ",yn="\
, a root mean square over all that both \
were measured on: scores above chance, a\
nd attention by distance.";function Yt(n,t){
let e=l("th","Labels");e.scope="col",k("\
thead th",n).after(e),v(HTMLTableRowElement,
"tbody tr",n).forEach((o,r)=>{let[a,i]=Array.
from(o.cells),[c,h]=t[r],d=k("a",a);c&&a.
prepend(kn(c)," ");let p=l("td"),f=l("ul",
"","chips");f.append(...h.map(bn)),h.length&&
p.append(f),a.after(p),i.replaceChildren(
xn(n,d,i.textContent??""))});let s=l("p",
gn,"caption");s.append(l("code","headatl\
as similar"),yn),n.after(s)}function xn({
dataset:n},t,e){let s=String(n.near),[o,
,r]=new URL(t.href).pathname.split("/").
slice(-3),a=`${decodeURIComponent(o)}/${r.
replace(".html","")}`,i=$(e,`${Et}heads.\
html#a=${s}&b=${a}`);return i.title=`${s.
split("/")[1]} and ${t.textContent} side\
 by side`,i}function kn([n,t,e,s,o,r,a]){
let i={class:"small-map",width:o,height:o,
viewBox:`${e} ${s} ${o} ${o}`},c=m("svg",
{...i,role:"img","aria-label":n});return c.
append(m("image",{href:Et+t,width:r,height:a})),
c}function bn([n,t,e,s,o]){let r=l("li",
"",`chip ${e}`);return o&&(r.title=o),r.
append(s?$(n,`${Et}patterns/${s}.html`):
n),t&&r.append(" ",l("b",t)),r}var vn=/^[-–+\d.]+$/;function nt(n){let t=l(
"tr");return t.append(...n.map((e,s)=>{let o=Jt(
e,"col");return typeof e=="string"&&s>0&&
(o.className="n"),o})),t}function st([n,
...t]){let e=l("tr");return e.append(Jt(
n,"row"),...t.map($n)),e}function Jt(n,t){
let e=l("th");return e.scope=t,e.append(
n),e}function $n(n){let t=l("td");return typeof n==
"string"&&vn.test(n)&&(t.className="n"),
t.append(n),t}var An=["Label","Confidence","Score","95\
% interval","Two halves","Chance","Habit\
 alone","Wrong keys","Explained","Streng\
th","Holds","Probe"],Mn="A label claims \
that the head spends at least a quarter \
of the attention that it does not leave \
on the sink on the pattern's keys, for t\
he pattern's own sake. Scores are shares\
 of that attention. What other patterns \
and chance would put there anyway is tak\
en off; what is left is the strength, as\
 a share of all attention where the labe\
l holds always. Habit alone: what the he\
ad's own distances, and the keys that it\
 likes, would score. Wrong keys: what it\
 would score if it looked at the right o\
nes as at the wrong ones. ",Sn=5;function Zt(n,t){
let e=l("table","","data scores"),[s,o]=[
l("thead"),l("tr")];for(let[i,c]of An.entries()){
let h=l("th",c,[0,8,10,11].includes(i)?"":
"n");h.scope="col",o.append(h)}s.append(
o),e.append(s,...t.map(En));let r=l("div",
"","scroll");Object.assign(r,{role:"regi\
on",ariaLabel:"Table of reasons",tabIndex:0}),
r.append(e);let a=l("p",Mn,"caption");a.
append($("How confidence is calibrated",
"../../methods.html#label"),"."),n.append(
r,a)}function En([n,t,e,s,o,r,a,i,c,h]){
let[d,p,f,x,w,g,S,N,xt]=o.map(Qt),sn=r&&
(o[8]??0)>=Sn?`, mostly ${b(r)}`:"",Ft=l(
"tbody","",e);return Ft.append(st([t?$(b(
n),`../../patterns/${t}.html`):b(n),l("b",
s||"–"),d,o[1]===null?"–":`${p}–${f}`,
`${x}, ${w}`,g,S,N,l("span",`${xt}${sn}`),
l("b",Qt(a)),i||"–",h?$(b(c),`../../pr\
obes/${h}.html`):b(c)])),Ft}var Qt=n=>R(
n===null?null:n/1e3);function ee(n,t){if(!t)return n.append(l(
"p","The scan kept no heatmaps to count \
in."));let[e,s,o,r]=t;if(!r.length)return n.
append(l("p","No token stands out, or al\
l of its attention rests."));let a=l("ta\
ble","","data token-shares"),[i,c]=[l("t\
head"),l("tbody")];i.append(nt(["Token",
"Share",l("span","As a bar","hidden"),"E\
ven","Times"])),c.append(...r.map(Tn)),a.
append(i,c);let d=`Of the attention that\
 does not rest, what the queries that ma\
y look at the token spend on it, in the ${`${te(
e,"sequence")} above (${te(s,"token")})`}\
; even: what they would if they spread i\
t evenly. Ordered by the difference. Lef\
t out: the first position, which is the \
sink, special tokens, others where the h\
eads of the layer rest, and tokens that \
fewer than ${o} queries may look at.`;n.
append(a,l("p",d,"caption"))}function Tn([
n,t,e,s,o]){let r=l("bdi",n,"token");r.translate=
!1;let a=c=>(c/1e4).toFixed(2),i=st([r,a(
t),"",a(e),String(s)]);i.cells[2].className=
`v${o}`;for(let c of[i.cells[3],i.cells[4]])
c.classList.add("soft");return i}var te=(n,t)=>`${X(
n)} ${t}${n===1?"":"s"}`;function ne(n){v(HTMLDetailsElement,"[da\
ta-more]").forEach((t,e)=>{let s=l("ol",
"","wild");s.translate=!1,s.append(...n[e].
map(_n)),t.append(s)})}function _n([n,t,
...e]){let[s,o]=[l("li"),l("bdi")];for(let r of e)
typeof r=="string"?o.append(r):o.append(
l(r[2]?"b":"mark",r[0],r[1]));return s.append(
t?$(n,`#${t}`):n," ",o),s}var se=100,Ln=3,oe="Score, interval, cha\
nce",Cn=["Pattern","Score",oe,"95% inter\
val","Sink-free","Chance","Null","q","St\
rongest rival","Rank","Queries","Probe"],
On="Dot: score. Bar: 95% bootstrap inter\
val over sequences. Upright line: chance\
. Null: the same attention against the t\
argets of shuffled tokens. q: one-sided \
p-value against chance, corrected over a\
ll heads. Strongest rival: the pattern t\
hat could explain the score and that the\
 head follows most. Scales run from 0 to\
 1, for distances to the model's largest\
 value.";async function re(){let n=document.
querySelector("[data-head]")?.dataset.head,
t=n?await Gt():null;if(!(n&&t))return;let[
e,s,o]=["scores","evidence","near"].map(
In);zt(ot("distances"),t.looks[n].distances),
ee(ot("tokens"),t.looks[n].tokens),ne(t.
wild[n]),t.why[n].length&&Zt(k("details",
ot("why")),t.why[n]),o&&Yt(o,t.similar[n]),
e&&Nn(e,t),s&&Kt(s,t.evidence);let r=document.
querySelector("[data-budget-bar]"),a=Xt(
t.budgets,n);r&&a.length&&r.replaceWith(
le(a[0][2])),a.length&&Dn(a)}var In=n=>document.
querySelector(`table[data-${n}]`),ot=n=>k(
`#${n}`).closest("section");function ae(n,t=""){
let e=l("tbody","",t);return e.append(...n),
e}function Nn(n,{patterns:t,scores:e}){let s=e[String(
n.dataset.scores)],o=new Map;s.pattern.forEach(
(a,i)=>{let c=t[a][3];o.set(c,[...o.get(
c)??[],qn(t[a],s,i)])}),n.classList.add(
"all-scores"),n.replaceChildren(Rn(n),...Array.
from(o,([a,i])=>ae(i,a))),n.closest(".sc\
roll")?.after(l("p",On,"caption"));let r=document.
querySelector("[data-of-all]");r&&(r.textContent=
r.getAttribute("data-of-all"))}function Rn({
dataset:n}){let t=l("thead");return t.append(
ce(Cn.map((e,s)=>{let o=s>0&&![oe,"Stron\
gest rival","Probe"].includes(e),r=l("th",
e==="Rank"?`Rank of ${n.heads}`:e,o?"n":
"");return r.scope="col",r}))),t}function qn([
n,t,,,e,s],o,r){let a=p=>R(Hn(p[r])),i=l(
"td");o.score[r]!==null&&i.append(Pn(o,r,
s));let c=l("td",a(o.score)),h=[o.low[r]===
null?"–":`${a(o.low)}–${a(o.high)}`,
a(o.free),a(o.chance),a(o.null),o.q[r]===
0?"< .001":a(o.q),o.rival[r]?`${b(String(
o.rival[r]))} ${a(o.rival_score)}`:"–",
o.rank[r]===null?"–":X(Number(o.rank[r])),
X(o.queries[r]),b(e)],d=$(b(n),`../../pa\
tterns/${t}.html`);return ie(d,[c,i,...h.
map(p=>l("td",p))])}function ie(n,t){let e=l(
"th");return e.scope="row",e.append(n),ce(
[e,...t])}var Hn=n=>n===null?null:n/1e3;
function Pn(n,t,e){let s=r=>Math.round(Math.
min(Math.max(se*(r??0)/1e3/e,0),se)),o=m(
"svg",{class:"bar","aria-hidden":"true"});
return n.chance[t]!==null&&o.append(m("p\
ath",{class:"chance",d:`M${s(n.chance[t])}\
 0v12`})),n.low[t]!==null&&o.append(m("p\
ath",{class:"ci",d:`M${s(n.low[t])} 6H${s(
n.high[t])}`})),o.append(m("path",{class:"\
at",d:`M${s(n.score[t])} 6h0`})),o}function ce(n){
let t=l("tr");return t.append(...n),t}function Dn(n){
let t=l("table","","data budgets"),e=l("\
thead");e.append(nt(["Probe",l("span","A\
ll of its attention"),"On the sink",l("s\
pan","Named")])),t.append(e,ae(n.map(Fn)));
let s=l("div","","scroll");Object.assign(
s,{role:"region",ariaLabel:"Table of bud\
gets",tabIndex:0}),s.append(t),k("detail\
s",ot("budget")).append(s,l("p","Grey: t\
he sink, which is the first position; pa\
ler, other positions on which the heads \
of the layer rest. Coloured: patterns, b\
y their strength. White: what no pattern\
 explains.","caption"))}function Fn([n,t,
e]){let s=b(n),o=l("td");o.append(le(e));
let r=h=>(h/1e4).toFixed(2),i=e.slice(1,
-1).slice(0,Ln).map(([h,,d])=>`${b(h)} ${r(
d)}`).join(", ")||"–",c=t?$(s,`../../p\
robes/${t}.html`):document.createTextNode(
s);return ie(c,[o,l("td",r(e[0][2]),"n"),
l("td",i,"soft")])}function le(n){let e=m(
"svg",{class:"budget",...{width:320,height:14,
viewBox:"0 0 100 14",preserveAspectRatio:"\
none"},"aria-hidden":"true"}),s=0;for(let[
o,r,a]of n){let i=m("rect",{class:r,x:s/
100,width:Math.max(a,0)/100,height:14});
i.append(m("title",{},`${b(o)} ${(a/1e4).
toFixed(2)}`)),e.append(i),s+=a}return e}function W(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var y={
read:n=>n??"",write:n=>n},B={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},Wn={read:n=>({column:(n||"hea\
d").replace(/^-/,""),down:n?.startsWith(
"-")??!1}),write:({column:n,down:t})=>n===
"head"&&!t?"":(t?"-":"")+n},Bn={read:n=>n?
n.split(","):null,write:n=>n?n.join()||"\
none":""},jn={read:n=>(n??"").split(",").
filter(Boolean).map(Un),write:n=>n.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function Un(n){let t=n.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var L=class{constructor(t){
this.fields=t}read(){let{choices:t}=he(),
e=Object.entries(this.fields).map(([s,o])=>[
s,o.read(t.get(s))]);return Object.fromEntries(
e)}format(t,e=""){let s=new URLSearchParams;
for(let[o,r]of Object.entries(this.fields)){
let a=o in t?r.write(t[o]):"";a&&s.set(o,
a)}return[e,String(s).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:s=!0}={}){let o=this.format(t,e);if(location.
hash===(o&&`#${o}`))return;let r=s?history.
pushState:history.replaceState;try{r.call(
history,null,"",o?`#${o}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!C())&&
t()})}};function he(){let n=location.hash.
slice(1),[t,...e]=n.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):n)}}function C(){let{anchor:n}=he(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var de={view:W("matrix","t\
ext","arcs"),direction:W("to","from"),scale:W(
"linear","root"),sink:W("","show","hide"),
row:B,column:B},O=new L(de),mo=new L({a:y,
b:y,text:y,...de}),fo=new L({pattern:y,probe:y,
value:W("score","sinkfree"),scale:W("ful\
l","fit"),label:y}),wo=new L({text:y,label:y,
probe:y,from:y,to:y,sort:Wn,columns:Bn,range:jn,
page:B}),go=new L({x:y,y}),yo=new L({by:y,
through:y,from:y,to:y,head:y,least:B}),xo=new L(
{a:y,b:y,pattern:y}),ko=new L({picture:y,
head:y,step:B,word:B});var ue=n=>Array.from({length:256},(t,e)=>Number.
parseInt(n.slice(6*e,6*e+6),16)),rt=ue(window.
headatlas.light),zn=ue(window.headatlas.
dark),pe=new Map(rt.map((n,t)=>[n,t])),me=matchMedia(
"(prefers-color-scheme: dark)"),fe=[],we=!1,
_t=()=>me.matches&&!we?zn:rt,Y=rt,ge=n=>fe.
push(n);function ye(){for(let n of fe)n()}
me.addEventListener("change",ye);for(let[
n,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(n,()=>{we=t,ye()});
var Lt=n=>`#${n.toString(16).padStart(6,
"0")}`,J=(n,t)=>Math.round(255*(t?Math.sqrt(
n):n));function at(n,t,e=_t()){let s=e[J(
Math.min(Math.max(n,0),1),t)],o=Kn(s)>.179;
return{background:Lt(s),color:o?"#000":"\
#fff"}}function Kn(n){let[t,e,s]=Tt(n).map(
o=>{let r=o/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*s}var Tt=n=>[16,8,0].map(t=>n>>t&
255);function xe(n){let t=pe.get(n);return t===
void 0&&(t=Gn(n),pe.set(n,t)),t}function Gn(n){
let t=Tt(n),e=rt.map(s=>Tt(s).reduce((o,r,a)=>o+
(r-t[a])**2,0));return e.indexOf(Math.min(
...e))}var ke="headatlas-sink";function be(){try{
let n=localStorage.getItem(ke);return n===
"hide"||n==="show"?n:""}catch{return""}}
function ve(n){try{localStorage.setItem(
ke,n?"hide":"show")}catch{}}var $e=4,Ot=class{constructor(t){this.form=
t,t?.addEventListener("submit",e=>e.preventDefault())}state(){
return{view:this.#n("view")||"matrix",direction:this.#n(
"direction")||"to",scale:this.#n("scale")||
"linear",sink:this.#e()}}choices(){let{view:t,
direction:e,scale:s}=this.state();return{
view:t,direction:e,squareRoot:s==="root",
sink:this.#t()?.checked??!1}}#t(){let t=this.
form?.elements.namedItem("sink");return t instanceof
HTMLInputElement?t:null}#e(){let t=this.#t();
return!t||t.checked===t.defaultChecked?"":
t.checked?"hide":"show"}#n(t){let e=this.
form?.elements.namedItem(t);return e instanceof
RadioNodeList||e instanceof HTMLSelectElement?
e.value:""}show(t){for(let s of["view","\
direction","scale"]){let o=this.form?.elements.
namedItem(s);(o instanceof RadioNodeList||
o instanceof HTMLSelectElement)&&(o.value=
t[s])}let e=this.#t();e&&(e.checked=t.sink?
t.sink==="hide":e.defaultChecked)}recallSink(){
let[t,e]=[this.#t(),be()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let s of this.form?.querySelectorAll(
"[data-direction]")??[])s.toggleAttribute(
"hidden",t==="arcs");for(let s of document.
querySelectorAll(".scale"))s.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((s,o)=>{
let r=e?(o/$e)**2:o/$e;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let o=this.#t();o&&s===o&&ve(o.checked),
t()}),this.form?.addEventListener("click",
s=>{let o=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;o&&e(o)})}};
function Se(){let n=document.querySelector(
".map-controls");return n&&Xn(n),new Ot(
n)}function Xn(n){let t=n.dataset.offers?.
split(" ")??[];t.includes("views")&&(n.append(
Me("View","view",["matrix","text","arcs"]),
Me("Direction","direction",["to","from"],
["looks at","is looked at by"])),n.children[1].
toggleAttribute("data-direction",!0));let e=l(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=l("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],n.append(Ct("label",
"Colour scale ",e),Ct("label",s," set th\
e sink aside")),t.includes("saves")&&n.append(
Ct("span","Download ",Ae("svg")," ",Ae("\
png")))}function Ct(n,...t){let e=l(n,"",
"control");return e.append(...t),e}function Ae(n){
let t=l("button",n.toUpperCase());return t.
type="button",t.dataset.save=n,t}function Me(n,t,e,s=e){
let o=l("fieldset","","choice");return o.
append(l("legend",n,"hidden")),e.forEach(
(r,a)=>{let[i,c]=[l("label"),l("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,a===0],i.append(c,s[a]),o.append(
i)}),o}async function it(n,t,e){await n.decode();
let s=l("canvas");[s.width,s.height]=[e,
t];let o=E(s,{read:!0});o.drawImage(n,0,
0,e,t);let r=o.getImageData(0,0,e,t).data,
a=new Int16Array(t*e);for(let i=0;i<a.length;i++){
let c=r[4*i]<<16|r[4*i+1]<<8|r[4*i+2];a[i]=
r[4*i+3]<128?-1:xe(c)}return{rows:t,columns:e,
weights:a}}function Ee({rows:n,columns:t,
weights:e,rests:s=[]}){let o=new Set([0,
...s]),r=new Int16Array(e.length);for(let a=0;a<
n;a++){let i=e.subarray(a*t,(a+1)*t),c=i.
reduce((p,f)=>p+Math.max(f,0),0),h=c;for(let p of o)
h-=Math.max(i[p],0);let d=p=>h<3?0:Math.
round(p*c/h);r.set(i.map((p,f)=>p<0||o.has(
f)?-1:d(p)),a*t)}return{rows:n,columns:t,
weights:r}}function ct(n,t,e,s=_t()){[t.
width,t.height]=[n.columns,n.rows];let o=E(
t,{read:!0}),r=o.createImageData(n.columns,
n.rows),a=new Uint32Array(r.data.buffer),
i=Uint32Array.from({length:256},(c,h)=>{
let d=s[J(h/255,e)];return(4278190080|(d&
255)<<16|d&65280|d>>16)>>>0});n.weights.
forEach((c,h)=>{c>=0&&(a[h]=i[Math.min(c,
255)])}),o.putImageData(r,0,0)}var Q=n=>(n/
255).toFixed(3),Te=n=>n<0?null:n/255;function lt({
columns:n,weights:t},e){return Array.from(
t.subarray(e*n,(e+1)*n),Te)}function _e({
rows:n,columns:t,weights:e},s){return Array.
from({length:n},(o,r)=>Te(e[r*t+s]))}var Vn=5,Yn=.02,A=130,I=260,j=2*A+I,It=4,
Jn=8e3,Le=15,Qn='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',ht=class{constructor(t,e,s){
this.rows=t,this.columns=e;let o=Math.max(
t.length,e.length);this.pitch=Nt(o),this.
height=o*this.pitch+2*It,this.ratio=Math.
min(devicePixelRatio||1,Jn/this.height),
this.canvas=this.#t(),this.#e(s)}#t(){let{
ratio:t,height:e}=this,s=l("canvas","","\
arcs");return[s.width,s.height]=[Math.round(
j*t),Math.round(e*t)],[s.style.width,s.style.
aspectRatio]=[T(j),`${j} / ${e}`],s.setAttribute(
"role","img"),s.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),s}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#n(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
s]=this.#n(e);s>=0&&t.pin(s)})}#n(t){let e=j/
this.canvas.clientWidth,s=Math.floor((t.
offsetY*e-It)/this.pitch);return t.offsetX*
e>j/2?[-1,_(s,this.columns.length)]:[_(s,
this.rows.length),-1]}draw(t,e,s,o){let r=E(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,j,this.
height),r.strokeStyle=Ce("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let a of qt(
t,e,s))r.globalAlpha=dt(a.weight,o),this.#s(
r,a.query,a.key);r.globalAlpha=1,this.pitch>=
10&&this.#a(r,e,s)}#s(t,e,s){let[o,r,a]=[
A,A+I,A+I/2],[i,c]=[this.#o(e),this.#o(s)];
t.beginPath(),t.moveTo(o,i),t.bezierCurveTo(
a,i,a,c,r,c),t.stroke()}#o(t){return It+
(t+.5)*this.pitch}#a(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${Qn}`,t.textBaseline=
"middle",t.textAlign="right",this.#i(t,this.
rows,A-6,e),t.textAlign="left",this.#i(t,
this.columns,A+I+6,s)}#i(t,e,s,o){let[r,
a]=[getComputedStyle(document.body).color,
Ce("--soft")];e.forEach((i,c)=>{t.fillStyle=
o<0||o===c?r:a,t.fillText(Rt(i),s,this.#o(
c),A-8)})}};function Nt(n){return n<=60?
19:n<=200?12:Math.max(2,Math.floor(3e3/n))}
function Rt(n){return n.length>Le?`${n.slice(
0,Le-1)}…`:n}var dt=(n,t)=>Math.min(t?
Math.sqrt(n):n,1);function qt(n,t,e){return(t>=
0?[t]:Array.from({length:n.rows},(o,r)=>r)).
flatMap(o=>Zn(n,o,t>=0,e).map(([r,a])=>({
query:o,key:a,weight:r})))}function Zn(n,t,e,s){
let o=lt(n,t).map((r,a)=>[r??0,a]).filter(
([r])=>r>Yn);return e?o:s>=0?o.filter(([
,r])=>r===s):o.sort((r,a)=>a[0]-r[0]).slice(
0,Vn)}var Ce=n=>getComputedStyle(document.
documentElement).getPropertyValue(n);var u={font:"ui-sans-serif, Helvetica, A\
rial, sans-serif",token_font:"ui-monospa\
ce, Menlo, Consolas, monospace",font_size:10,
ink:"#191b1e",paper:"#fff",title_x:4,title_y:16,
title_size:13,title_weight:600,title_room:26,
title_letter_width:7.5,cell:14,small_cell:2,
max_cells:80,max_letters:16,letter_width:6.4,
token_margin:10,token_gap:5,baseline:3.5,
number_room:40,number_step:20,min_width:220,
right_margin:12,scale_steps:64,scale_step_width:3,
scale_rect_width:3.2,scale_height:9,scale_gap:16,
scale_ticks:[0,.25,.5,.75,1],scale_tick_y:21,
scale_room:56};function Ht(n,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(n),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var es=3,ns=8e3;function U(n,t){let e=m("svg",{"font-fam\
ily":u.font,"font-size":t,fill:u.ink}),{
title_x:s,title_y:o,title_size:r,title_weight:a}=u;
return e.append(m("text",{x:s,y:o,"font-\
size":r,"font-weight":a},n)),e}var z=n=>u.
title_x+u.title_letter_width*Array.from(
n).length;function K(n,t,e){let{scale_steps:s,
scale_step_width:o,scale_tick_y:r}=u,a={
width:u.scale_rect_width,height:u.scale_height},
i=m("g",{transform:`translate(${n} ${t})`});
for(let c=0;c<s;c++)i.append(m("rect",{x:c*
o,...a,...e(c/(s-1))}));for(let c of u.scale_ticks)
i.append(m("text",{x:s*o*c,y:r,"text-anc\
hor":"middle"},String(c)));return i}function G(n,t,e){
return n.setAttribute("viewBox",`0 0 ${t}\
 ${e}`),n.setAttribute("width",String(t)),
n.setAttribute("height",String(e)),n.prepend(
m("rect",{width:t,height:e,fill:u.paper})),
n}async function Oe(n,t,e){let s=new XMLSerializer().
serializeToString(n),o=`${jt(t)}.${e}`;return e===
"svg"?Ht(new Blob([s],{type:"image/svg+x\
ml"}),o):(await ss(s,Number(n.getAttribute(
"width")),Number(n.getAttribute("height")))).
toBlob(a=>a&&Ht(a,o))}async function ss(n,t,e){
let s=new Image;s.src=`data:image/svg+xm\
l;charset=utf-8,${encodeURIComponent(n)}`,
await s.decode();let o=l("canvas"),r=Math.
min(es,ns/Math.max(t,e));return[o.width,
o.height]=[Math.round(t*r),Math.round(e*
r)],E(o).drawImage(s,0,0,o.width,o.height),
o}var Ne="#1d4f91",os="#5d6167",rs=10;function Re({
weights:n,rows:t,columns:e,title:s,squareRoot:o,
query:r,key:a}){let i=Math.max(t.length,
e.length),c=Nt(i),h=u.title_room,d=S=>h+
(S+.5)*c,p=U(s,u.font_size);p.append(as(
qt(n,r,a),d,o)),c>=rs&&(p.append(Ie(t,A-
6,"end",d,r)),p.append(Ie(e,A+I+6,"start",
d,a)));let f=h+i*c+u.scale_gap,x=u.scale_step_width,
w=S=>({width:x,fill:Ne,"fill-opacity":dt(
S,o)});p.append(K(A,f,w));let g=Math.max(
2*A+I,z(s)+u.right_margin);return G(p,g,
f+u.scale_room-u.scale_gap)}function as(n,t,e){
let s=m("g",{fill:"none",stroke:Ne,"stro\
ke-width":2}),[o,r,a]=[A,A+I,A+I/2];for(let{
query:i,key:c,weight:h}of n){let[d,p]=[t(
i),t(c)],f=`M${o} ${d}C${a} ${d} ${a} ${p}\
 ${r} ${p}`;s.append(m("path",{d:f,"stro\
ke-opacity":Number(dt(h,e).toFixed(3))}))}
return s}function Ie(n,t,e,s,o){let r=m(
"g",{"font-family":u.token_font,"text-an\
chor":e});return n.forEach((a,i)=>{let c=o<
0||o===i?u.ink:os;r.append(m("text",{x:t,
y:s(i)+u.baseline,fill:c},Rt(a)))}),r}function He(n){let{rows:t,columns:e,title:s,
squareRoot:o}=n,r=is(t,e),a=U(s,u.font_size),
i=r.top+r.height+u.scale_gap,c=K(r.left,
i,p=>({fill:pt(p,o)}));a.append(ls(n,r),
hs(t,e,r),c);let d=Math.max(r.left+Math.
max(r.width,u.min_width),z(s))+u.right_margin;
return G(a,d,r.top+r.height+u.scale_room)}
function is(n,t){let e=Math.max(n.length,
t.length)>u.max_cells,s=e?u.small_cell:u.
cell,o=i=>e?u.number_room:cs(i),[r,a]=[o(
n),o(t)+u.title_room];return{long:e,cell:s,
left:r,top:a,width:t.length*s,height:n.length*
s}}function cs(n){let t=Math.max(...n.map(
e=>Pe(e).length));return u.token_margin+
u.letter_width*t}function Pe(n){return n.
length>u.max_letters?`${n.slice(0,u.max_letters-
1)}…`:n}function ls({weights:n,squareRoot:t},{
long:e,cell:s,left:o,top:r,width:a,height:i}){
let c=m("g",{transform:`translate(${o} ${r}\
)`,"shape-rendering":"crispEdges"});if(e){
let h=l("canvas");return ct(n,h,t,Y),c.append(
m("image",{href:h.toDataURL(),width:a,height:i,
style:"image-rendering: pixelated"})),c}
return n.weights.forEach((h,d)=>{if(h<0)
return;let[p,f]=[d%n.columns*s,Math.floor(
d/n.columns)*s];c.append(m("rect",{x:p,y:f,
width:s,height:s,fill:pt(h/255,t)}))}),c}
var pt=(n,t)=>Lt(Y[J(n,t)]);function hs(n,t,{
long:e,cell:s,left:o,top:r}){let{token_gap:a,
baseline:i}=u,c=m("g",{"font-family":u.token_font});
for(let[h,d]of qe(n,e)){let p=r+(h+.5)*s+
i;c.append(m("text",{x:o-a,y:p,"text-anc\
hor":"end"},d))}for(let[h,d]of qe(t,e)){
let p=o+(h+.5)*s+i;c.append(m("text",{transform:`\
translate(${p} ${r-a}) rotate(-90)`},d))}
return c}function qe(n,t){let e=n.map((s,o)=>[
o,t?String(o):Pe(s)]);return t?e.filter(
([s])=>s%u.number_step===0):e}var We=640,Be=20,De=16,je=2,Fe=12;function Ue(n,t,e){
let s=U(t,u.font_size),o=u.title_room+u.
title_x;for(let a of n){let i=ds(a.tokens,
o),c=m("g",{"font-family":u.token_font});
c.append(...a.tokens.flatMap((h,d)=>ps(h,
i[d],a,d,e))),s.append(c),o=(i.at(-1)?.y??
o)+Be+Fe}s.append(K(u.title_x+Fe,o,a=>({
fill:pt(a,e)})));let r=Math.max(We,z(t))+
u.right_margin;return G(s,r,o+u.scale_room-
u.scale_gap)}function ds(n,t){let e=E(l(
"canvas"));e.font=`${u.font_size}px ${u.
token_font}`;let[s,o]=[u.title_x,t];return n.
map(r=>{let a=e.measureText(r).width+2*je;
s+a>We&&s>u.title_x&&([s,o]=[u.title_x,o+
Be]);let i={x:s,y:o,width:a};return s+=a+
1,i})}function ps(n,{x:t,y:e,width:s},{weights:o,
chosen:r},a,i){let c=o?.[a]??null,h=c===
null?null:at(c,i,Y),d=a===r?{stroke:u.ink,
"stroke-width":1.5}:{},p=m("rect",{x:t,y:e,
width:s,height:De,fill:h?.background??u.
paper,...d}),f=h?.color??u.ink;return[p,
m("text",{x:t+je,y:e+De/2+u.baseline,fill:f},
n)]}function ze(n,t,e,s){let{view:o}=t,{query:r,
key:a}=n.current(),i=o==="matrix"?"":ms(
n,r,a),c=us(n,t,i?`${e}: ${i}`:e),h=o===
"matrix"?[]:[o,r>=0?`row ${r}`:a>=0?`col\
umn ${a}`:""];return Oe(c,[e,...h].filter(
Boolean).join(", "),s)}function us(n,{view:t,
squareRoot:e},s){let{rows:o,columns:r}=n,
a=n.maps[0].shown;return t==="text"?Ue(n.
shadedTexts(),s,e):t==="arcs"?Re({weights:a,
rows:o,columns:r,title:s,squareRoot:e,...n.
arcsShown()}):He({weights:a,rows:o,columns:r,
title:s,squareRoot:e})}function ms(n,t,e){
return t>=0&&(n.readsRows()||e<0)?`what ${n.
rows[t]} ${t} looks at`:e>=0?`who looks \
at ${n.columns[e]} ${e}`:""}var H=Object.freeze({query:-1,key:-1}),M=n=>n.
query<0&&n.key<0,P=n=>n.query>=0&&n.key>=
0,fs=["kept","row","column","cell","row-\
tag","column-tag"],ut=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
ws(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(fs.map(o=>[o,gs(o)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=l("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?Ee(this.measured):
this.measured,ct(this.shown,this.canvas,
e)}cellAt(t){let{rows:e,columns:s}=this.
shown;return{query:_(Math.floor(t.offsetY/
this.canvas.clientHeight*e),e),key:_(Math.
floor(t.offsetX/this.canvas.clientWidth*
s),s)}}start(){let{rows:t,columns:e,weights:s}=this.
shown,o=s.subarray(e*(t-1),e*t);return{query:t-
1,key:o.indexOf(Math.max(...o))}}weightAt({
query:t,key:e}){return this.shown.weights[t*
this.shown.columns+e]}strongest({query:t,
key:e}){let{rows:s,columns:o}=this.shown,
r=Array.from({length:t>=0?o:s},(c,h)=>t>=
0?{query:t,key:h}:{query:h,key:e}),a=r.map(
c=>this.weightAt(c)),i=Math.max(...a);return i>
0?r[a.indexOf(i)]:H}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":Q(e)}mark(t,e,s){
let{rows:o,columns:r}=this.shown,{query:a,
key:i}=t,c=this.#s();this.#e("row",a>=0,
[0,a,r,1],c),this.#e("column",i>=0,[i,0,
1,o],c),this.#e("cell",P(t),[i,a,1,1],c);
let h=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,o];this.#e("kept",!M(e),h,c),this.#n(
"row-tag",s.row),this.#n("column-tag",s.
column),this.marks["row-tag"].style.top=
T(c.top+(a+.5)*c.height),this.marks["col\
umn-tag"].style.left=T(c.left+(i+.5)*c.cell)}#e(t,e,[
s,o,r,a],{cell:i,height:c,left:h,top:d}){
let p=this.marks[t];p.hidden=!e,p.style.
left=T(h+s*i),p.style.top=T(d+o*c),p.style.
width=T(r*i),p.style.height=T(a*c)}#n(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(l("bdi",e))}#s(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:o}=this.canvas;return{cell:s/
this.shown.columns,height:o/this.shown.rows,
left:t,top:e}}};function ws(n,{rows:t,columns:e},s){
let o=l("canvas","","pixels");return o.style.
setProperty("--rows",String(t)),o.style.
setProperty("--columns",String(e)),o.tabIndex=
0,o.setAttribute("role","application"),o.
setAttribute("aria-roledescription","hea\
tmap"),o.setAttribute("aria-label",`${n}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),o.setAttribute("aria-d\
escribedby",s),o}function gs(n){let t=l(
"div","",`mark-${n}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var ys=[255,120,0],xs=.8;async function Ke(n){
let t=new Image;t.src=n,await t.decode();
let e=l("canvas");[e.width,e.height]=[t.
naturalWidth,t.naturalHeight];let s=E(e,
{read:!0});return s.drawImage(t,0,0),s.getImageData(
0,0,e.width,e.height)}function Ge(n,t,[e,
s],o){let{width:r,height:a,data:i}=t;[n.
width,n.height]=[r,a];let c=E(n);if(!o)return c.
putImageData(t,0,0);let h=Math.max(...Array.
from(o))||1,d=c.createImageData(r,a);for(let p=0;p<
a;p++){let f=s*Math.floor(p*e/a);for(let x=0;x<
r;x++){let w=4*(p*r+x),g=.299*i[w]+.587*
i[w+1]+.114*i[w+2],S=xs*o[f+Math.floor(x*
s/r)]/h;for(let N=0;N<3;N++)d.data[w+N]=
g*(1-S)+ys[N]*S;d.data[w+3]=255}}c.putImageData(
d,0,0)}function Xe(n,[t,e],s){n.hidden=s<
0,n.style.setProperty("inset-block-start",
`${100*Math.floor(s/e)/t}%`),n.style.setProperty(
"inset-inline-start",`${100*(s%e)/e}%`),
n.style.width=`${100/e}%`,n.style.height=
`${100/t}%`}var mt=class n{static async of(t){let e=t.
closest(".example")?.querySelector(".ove\
rlays .pointed");if(!(e instanceof HTMLElement))
return null;let s=k("img, canvas",e);return(s instanceof
HTMLImageElement?await n.#t(e,s):Ve.get(
e))??null}static async#t(t,e){let s=new n(
t,await Ke(e.src));return e.replaceWith(
s.canvas),t.hidden=!1,Ve.set(t,s),s}constructor(t,e){
let{rows:s,columns:o,queries:r,keys:a}=t.
dataset;this.pixels=e,this.grid=[Number(
s),Number(o)],this.queries=Number(r),this.
keys=Number(a),this.canvas=l("canvas"),this.
canvas.setAttribute("aria-hidden","true"),
this.spot=k(".spot",t),this.words=k("p",
t),this.hint=this.words.textContent??""}show(t,{
query:e,key:s},{rows:o,columns:r}){let a=this.
grid[0]*this.grid[1],i=e>=0&&this.keys>=
0,c=!i&&s>=0&&this.queries>=0,h=Array.from(
{length:i||c?a:0},(f,x)=>{let[w,g]=i?[e,
this.keys+x]:[this.queries+x,s];return Math.
max(0,t.weights[w*t.columns+g])});Ge(this.
canvas,this.pixels,this.grid,h.length?h:
null);let d=e>=0&&this.queries>=0?e-this.
queries:s-this.keys,p=(e>=0?this.queries:
this.keys)>=0&&d>=0&&d<a;Xe(this.spot,this.
grid,p&&(e>=0||s>=0)?d:-1),this.words.textContent=
this.hint,i&&(this.words.textContent=`Wh\
ere ${o[e]} looks`),c&&(this.words.textContent=
`From where ${r[s]} is looked at`)}},Ve=new WeakMap;var Ye={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
ks="Point at a map: all show the same pa\
ir of tokens.",ft=class{constructor(t,e,s,o){
this.rows=e,this.columns=s,this.many=o,this.
view="matrix",this.hint=l("span",o?ks:Ye.
matrix,"hint"),this.root=l("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
Ye[t==="text"&&!e?"text, from":t])}say(t,e,s){
M(t)?this.root.replaceChildren(this.hint):
P(t)?this.#n(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:o,key:r}=t,a=o>=0?q(this.rows[o],
o):q(this.columns[r],r),i=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(a,...this.many?
[" in every map"]:this.#e(t,s),i)}#e(t,e){
let s=e.strongest(t),o=t.query>=0;if(M(s))
return[o?" looks at nothing that is show\
n":" is looked at by none"];let r=o?q(this.
columns[s.key],s.key):q(this.rows[s.query],
s.query);return[o?" looks most at ":" is\
 looked at most by ",r,", ",l("b",Q(e.weightAt(
s)))]}#n(t,e){let{query:s,key:o}=t,[r,a]=[
q(this.rows[s],s),q(this.columns[o],o)];
this.root.replaceChildren(r," → ",a,...this.#s(
t,e))}#s(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",l("b",Q(s))]}};var Z=class{constructor(t,e,s){this.on=s,
this.root=l("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(bs),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,o){
this.spans.forEach((r,a)=>{let i=t?.[a]??
null,c=i===null?null:at(i,o);r.style.background=
c?.background??"",r.style.color=c?.color??
"",r.title=i===null?"":i.toFixed(3),r.classList.
toggle("chosen",a===e),r.classList.toggle(
"unseen",t!==null&&i===null),r.setAttribute(
"aria-pressed",String(s&&a===e))})}#t(){
let{root:t,on:e}=this;t.addEventListener(
"pointerover",s=>this.#e(s,e.over)),t.addEventListener(
"pointerleave",e.out),t.addEventListener(
"click",s=>this.#e(s,e.pin)),t.addEventListener(
"focusin",s=>this.#e(s,o=>this.#n(o))),t.
addEventListener("keydown",s=>this.#e(s,
o=>this.#s(s,o)))}#e(t,e){let s=this.spans.
indexOf(t.target);s>=0&&e(s)}#n(t){for(let e of this.
spans)e.tabIndex=-1;this.spans[t].tabIndex=
0,this.spans[t].matches(":focus-visible")&&
this.on.over(t)}#s(t,e){if(D(t))return;let s=this.
spans.length-1,o={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:s};
if(t.key in o)this.spans[_(o[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function bs(n){let t=l("bdi",n,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var Je=9,wt=class n{#t=H;#e=H;#n=null;#s=null;#o=null;followers=[];static async start(t,e,s,o,r=it){
let a=new n(t,e,s,o,r);await a.#a(),a.many||
a.#i(),a.#o=await mt.of(t);for(let i of a.
maps)a.#y(i);return a.repaint(),t.dataset.
ready="",a}constructor(t,{tokens:e,columns:s,
text:o},r,a,i){this.root=t,this.rows=e,this.
columns=s??e,this.twoTexts=s!==void 0,this.
text=o??e,this.many=t.classList.contains(
"multiples"),this.choices=r,this.onPin=a,
this.weightsOf=i,this.maps=[],this.readout=
new ft(`readout-${t.dataset.maps}`,this.
rows,this.columns,this.many),t.prepend(this.
readout.root)}async#a(){let t=v(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,o)=>new ut(s,e[o],this.readout.
root.id))}#i(){let t=l("div","","map-tex\
t"),e=this.twoTexts?"The text whose toke\
ns look":"The text",s=this.#c(()=>this.readsRows()),
o=new Z(this.text,e,s);t.append(o.root);
let r=null;if(this.twoTexts){let a=this.#c(
()=>!1);r=new Z(this.columns,"The text t\
hat is looked at",a),t.append(r.root)}this.
root.append(t),this.#n={rows:o,columns:r}}#c(t){
let e=s=>t()?{query:s,key:-1}:{query:-1,
key:s};return{over:s=>this.#r(e(s)),out:()=>this.#h(),
pin:s=>this.#l(e(s))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:s}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let o of this.
maps)o.paint(s,e);this.root.dataset.view===
"arcs"&&this.#f(),this.#d(M(this.#t)?this.#e:
this.#t),this.fit(),this.#p()}#f(){if(this.#s)
return;this.#s=new ht(this.rows,this.columns,
{over:(e,s)=>this.#r({query:e,key:s}),out:()=>this.#h(),
pin:e=>this.#l({query:e,key:-1})});let t=l(
"div","","scroll arcs-view");t.append(this.#s.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#u()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=Je)return;let o=e.clientWidth-
k(".axis-rows",e).offsetWidth-8,r=this.columns.
length;o>0&&s*r>o&&t.setProperty("--cell",
T(Math.max(Je,Math.floor(o/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#d(M(this.#t)?
t:this.#t),this.#p()}#l(t){this.pin(Qe(t,
this.#e)?H:t)}#r(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#h(){this.#r(H)}follow(t){
Qe(t,this.#t)||(this.#t=t,this.#d(M(t)?this.#e:
t),this.#p())}#d(t){this.readout.say(t,!M(
this.#e),this.maps[0]);for(let e of this.
maps)M(t)?e.sayWeight(null):P(t)&&e.sayWeight(
t)}#p(){this.#w(),this.root.dataset.view===
"arcs"&&this.#g(),this.#u()}current(){return M(
this.#e)?this.#t:this.#e}#w(){if(!this.#n)
return;let[t,{squareRoot:e}]=[!M(this.#e),
this.choices()],{rows:s,columns:o}=this.#n;
this.shadedTexts().forEach(({weights:r,chosen:a},i)=>{
(i&&o?o:s).colour(r,a,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:s}=this.
maps[0],o=t>=0&&(this.readsRows()||e<0),
r=o?lt(s,t):null,a=!o&&e>=0?_e(s,e):null;
return this.twoTexts?[{tokens:this.text,
weights:a,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??a,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#g(){let{query:t,
key:e}=this.arcsShown();this.#s?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#u(){
let t=M(this.#t)?this.#e:this.#t;this.#o?.
show(this.maps[0].shown,t,this);let e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let s of this.maps)s.
mark(t,this.#e,e)}#y(t){let{canvas:e}=t;
e.addEventListener("pointermove",s=>this.#r(
t.cellAt(s))),e.addEventListener("pointe\
rdown",s=>this.#r(t.cellAt(s))),e.addEventListener(
"click",s=>{this.many||this.#l(t.cellAt(
s))}),e.addEventListener("pointerleave",
s=>{let o=document.activeElement===e&&e.
matches(":focus-visible");s.pointerType===
"mouse"&&!o&&this.#h()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#r(t.start())}),
e.addEventListener("blur",()=>this.#h()),
e.addEventListener("keydown",s=>this.#x(
s,t))}#x(t,e){let s=this.#k(e)[t.key];!s||
D(t)||(t.preventDefault(),t.stopPropagation(),
s())}#k(t){let e=(s,o)=>()=>this.#b(t,s,
o);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#m(t),
" ":()=>this.#m(t),Escape:()=>{this.many||
this.pin(H)}}}#b(t,e,s){let{query:o,key:r}=this.#t;
P(this.#t)?this.#r({query:_(o+e,this.rows.
length),key:_(r+s,this.columns.length)}):
this.#r(t.start())}#m(t){P(this.#t)||this.#r(
t.start()),this.many||this.#l(this.#t)}},
Qe=(n,t)=>n.query===t.query&&n.key===t.key;var tt=n=>n.closest(".example")?.id??"",
gt=class{constructor(t,e){this.tokens=t,
this.weightsOf=e,this.controls=Se(),this.
sets=[],this.watcher=new IntersectionObserver(
s=>this.#t(s),{rootMargin:"50%"}),this.showAddress(),
this.#n(),this.controls.listen(()=>this.#o(),
s=>this.#c(s)),ge(()=>this.#i()),addEventListener(
"resize",()=>{for(let s of this.sets)s.resize()})}start(){
let t=v(HTMLElement,".map-set"),e=C(),s=t.
find(o=>e&&tt(o)===e)??t[0];s&&this.#e(s);
for(let o of t)o!==s&&this.watcher.observe(
o)}restart(t){this.sets.length=0,this.watcher.
disconnect(),this.#e(t)}#t(t){for(let{target:e,
isIntersecting:s}of t)s&&e instanceof HTMLElement&&
(this.watcher.unobserve(e),this.#e(e))}async#e(t){
let e=this.tokens[Number(t.dataset.maps)],
s=await wt.start(t,e,()=>this.controls.choices(),
({query:o,key:r})=>this.writeAddress(tt(
t),{row:o,column:r}),this.weightsOf);t.isConnected&&
(this.sets.push(s),this.#s(s))}#n(){let{
sink:t,row:e,column:s}=O.read();!t&&this.
controls.recallSink()&&this.writeAddress(
C(),{row:e,column:s},{step:!1})}showAddress(){
this.controls.show(O.read()),this.#a()}pinAddress(){
for(let t of this.sets)this.#s(t)}#s(t){
let e=C();if(e&&e!==tt(t.root))return;let{
row:s,column:o}=O.read(),r=s<t.rows.length?
s:-1,a=o<t.columns.length?o:-1;t.keep({query:r,
key:a})}writeAddress(t,e={},s={}){O.write(
{...this.controls.state(),...e},t,s)}formatAddress(t){
return O.format(this.controls.state(),t)}#o(){
this.#a();let{row:t,column:e}=O.read();this.
writeAddress(C(),{row:t,column:e})}#a(){
this.controls.explain(),this.#i()}#i(){for(let t of this.
sets)t.repaint()}repaintSection(t){for(let e of this.
sets)tt(e.root)===t&&e.repaint()}#c(t){let e=this.
sets.find(({root:s})=>s.offsetParent!==null);
e&&ze(e,this.controls.choices(),vs(tt(e.
root)),t)}};function vs(n){let t=document.
querySelector("h1")?.textContent?.trim()??
"",e=document.querySelector(".page-head[\
data-model]")?.getAttribute("data-model"),
s=document.querySelector("#shown-name")?.
textContent?.trim()??"",o=n&&document.querySelector(
`.examples a[href="#${n}"]`)?.getAttribute(
"title"),r=e?`${t} of ${e}`:t;return[r,r.
includes(s)?"":s,o].filter(Boolean).join(
", ")}function Ze(n){let t=document.querySelector(
"figure.example");if(!t)return;let e=document.
querySelector("h1")?.textContent?.trim()??
"",s=t.dataset.heads!==void 0,o=Vt(s?null:
e).sort((i,c)=>n[i].rank-n[c].rank||i-c),
r=new Map(v(HTMLElement,"figure.example").
map(i=>[Number(i.dataset.example),i])),a=null;
for(let i of o){let c=r.get(i)??$s(i,n[i]);
a&&a.after(c),a=c;let h=s?Ss(e,Number(t.
dataset.heads),i,n[i]):c!==t&&Ms(t,e,i,n[i]);
h&&c.prepend(h),c!==t&&c.append(Es(t,c,n[i]))}
As(o.map(i=>n[i]))}var Pt=({file:n,sequence:t})=>`${n}\
-${t}`;function $s(n,t){let e=l("figure",
"","example");return e.id=Pt(t),e.dataset.
example=String(n),e}function As(n){let t=document.
querySelector("nav.examples");if(t)for(let e of new Set(
n.map(s=>s.probe))){let s=l("p");s.append(
l("span",e));for(let o of n.filter(r=>r.
probe===e)){let r=$(o.name,`#${Pt(o)}`);
r.title=`${e} ${o.sequence}`,Pt(o)===t.dataset.
clearest&&(r.className="clearest"),s.append(
" ",r)}t.append(s)}}function Ms(n,t,e,s){
let o=en(".map-set",n);o.dataset.maps=String(
e);let[r,a]=[s.cells[0],s.tall[0]];o.className=
`map-set cell-${r} step-${s.step} tall-${a}`,
k(".axis-rows",o).replaceChildren(s.axes[0]),
k(".axis-columns",o).replaceChildren(s.axes[1]);
let i=k("img.pixels",o);return i.removeAttribute(
"src"),tn(i,t,s,[r,r*a]),i.alt=`Attentio\
n of ${t} on ${s.on}`,o}function Ss(n,t,e,s){
let[o,r]=[s.cells[1],s.tall[1]],a=l("div",
"",`map-set multiples cell-${o} tall-${r}`);
a.dataset.maps=String(e);let i=l("ul","",
"maps");for(let c of[...Mt(e),"mean"]){let[
h,d,p,f]=[l("li"),l("p","","map-title"),
l("div","","map"),new Image],x=c==="mean";
d.append(x?`mean of ${t} head${t===1?"":
"s"}`:$(c,`../heads/${c}.html`)),f.className=
"pixels",tn(f,c,s,[o,o*r]),f.alt=x?`Mean\
 attention of ${n} on ${s.on}`:`Attentio\
n of ${c}`,p.append(f),h.append(d,p),i.append(
h)}return a.append(i),a}function tn(n,t,{
tokens:e,columns:s},[o,r]){n.dataset.map=
t,[n.width,n.height]=[(s??e).length*o,e.
length*r]}function Es(n,t,e){let s=en("f\
igcaption",n),{name:o,probe:r,length:a}=e,
i={name:o,probe:r,length:a,sequence:String(
e.sequence)};for(let h of v(HTMLElement,
"[data-part]",s))h.textContent=i[String(
h.dataset.part)];let c=k("[data-part=pro\
be]",s);c.href=`../../probes/${e.file}.h\
tml`;for(let h of v(HTMLAnchorElement,"[\
data-beside]",s))h.hash=t.id;return s}var en=(n,t)=>k(
n,t).cloneNode(!0);var Ts=new Map([["ArrowLeft","prev"],["A\
rrowRight","next"]]),_s="select, input, \
textarea, canvas, .scroll",yt=class{constructor(t){
this.maps=t,this.links=v(HTMLAnchorElement,
".examples a"),this.sections=v(HTMLElement,
".example")}start(){this.#e(),this.#t()}#t(){
let t=C(),s=this.sections.some(({id:o})=>o===
t)?t:this.sections[0]?.id;for(let o of this.
sections)o.hidden=o.id!==s;Wt(this.links,
o=>o.hash===`#${s}`),this.maps.repaintSection(
s)}#e(){for(let t of this.links)t.addEventListener(
"click",e=>this.#n(e,t));for(let t of v(
HTMLAnchorElement,".turn a"))t.addEventListener(
"click",()=>this.#s(t));document.addEventListener(
"keydown",t=>this.#o(t)),O.onChange(()=>this.#a(),
{anchors:!0})}#n(t,e){t.preventDefault(),
this.maps.writeAddress(e.hash.slice(1)),
this.#t(),this.maps.pinAddress()}#s(t){t.
hash=this.maps.formatAddress(C())}#o(t){
let e=Ts.get(t.key);!e||D(t)||t.shiftKey||
t.defaultPrevented||t.target instanceof Element&&
t.target.closest(_s)||v(HTMLAnchorElement,
`.turn [rel=${e}]`)[0]?.click()}#a(){this.
maps.showAddress(),this.#t(),this.maps.pinAddress()}};Bt();var Dt=window.headatlas.data.tokens??
[],Ls=Dt.map(({tokens:n,columns:t})=>({rows:n.
length,columns:(t??n).length}));Ze(Dt);var nn=new gt(
Dt,async(n,t,e)=>{let{map:s}=n.dataset,o=Number(
n.closest("figure")?.dataset.example);return s!==
void 0?St(s,o,Ls):{...await it(n,t,e),rests:At(
o)}});nn.start();new yt(nn).start();re();})();
