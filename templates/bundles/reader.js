// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function l(n,t="",e=""){let o=document.createElement(
n);return o.textContent=t,e&&(o.className=
e),o}function m(n,t={},e=""){let o=document.
createElementNS("http://www.w3.org/2000/\
svg",n);for(let[s,r]of Object.entries(t))
o.setAttribute(s,String(r));return e&&(o.
textContent=e),o}function L(n,{read:t=!1}={}){
return n.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function A(n,t){let e=l("a",n);return e.
href=t,e}function R(n,t){let e=l("span"),
o=l("bdi",n,"token");return o.translate=
!1,e.append(o,l("span",` ${t}`,"soft")),
e}var M=n=>`${n}px`,E=(n,t)=>Math.min(t-
1,Math.max(0,n));function k(n,t=document){
return t.querySelector(n)}function b(n,t,e=document){
return Array.from(e.querySelectorAll(t)).
filter(o=>o instanceof n)}function Pt(n,t){for(let e of n)t(e)?e.setAttribute(
"aria-current","true"):e.removeAttribute(
"aria-current")}var P=n=>n.altKey||n.ctrlKey||
n.metaKey;function Dt(){for(let n of document.querySelectorAll(
"[data-needs-script]"))n.removeAttribute(
"hidden")}var x=n=>n.replaceAll("_"," ");function N(n){
return n==null?"–":n.toFixed(Math.abs(
n)<10?3:1)}var K=n=>String(n).replace(/\B(?=(\d{3})+$)/g,
",");var Ft=n=>n.replace(/[^\p{L}\p{N}.]+/gu,
"-");var[xt,G]=[420,150],Je=[-64,-16,-4,-1,0,
1,2,4,8,16,32,64,128,256],Qe="Share of t\
he attention that goes to the key that m\
any tokens back (square-root axis), over\
 the queries of the sequences above that\
 have one. The first position, special t\
okens, and others where the heads of the\
 layer rest are left out.",Ze="Mean atte\
ntion on the key that many tokens back (\
square-root axis), the sink among them.";
function Wt(n,t){if(!t)return n.append(l(
"p","The scan kept no attention by dista\
nce."));let{curves:e,peaks:o,off_sink:s}=t,
r=x(e[0][0]),a=h=>o.map(([d,u])=>`${d} b\
ack (${h===3?N(u/1e3):(u/1e3).toFixed(h)}\
)`).join(", "),i=e.length>1?"; grey: the\
 other probes":"",c=`${s?Qe:Ze} Dark: ${r}${i}\
. There most at ${a(2)}.`;n.append(tn(t,
`Attention by distance. On ${r} most at ${a(
3)}.`),l("p",c,"caption"))}function tn({
curves:n,ticks:t},e){let o=Math.min(...n.
map(([,d])=>d)),s=Math.max(...n.map(([,d,
u])=>d+u.length-1)),r=d=>Math.sign(d)*Math.
sqrt(Math.abs(d)),a=d=>Math.round(10*xt*
(r(d)-r(o))/(r(s)-r(o)))/10,i=m("svg",{class:"\
chart distance-chart",viewBox:`-34 -8 ${xt+
44} ${G+36}`,role:"img","aria-label":e});
i.append(m("path",{class:"frame",d:`M0 0\
V${G}H${xt}`})),t.forEach((d,u)=>{i.append(
m("text",{class:"y",x:-5,y:G*(1-u/(t.length-
1))},d))});for(let d of Je.filter(u=>o<=
u&&u<=s))i.append(m("path",{class:"tick",
d:`M${a(d)} ${G}v4`})),i.append(m("text",
{class:"x",x:a(d),y:G+16},String(d)));let[
c,...h]=n.map(([d,u,f])=>{let $=f.map((y,w)=>`${Math.
round(a(u+w))} ${y}`).join("L");return{probe:x(
d),line:`M${$}`}});for(let{probe:d,line:u}of h)
i.append(Bt("other",d,u));return i.append(
Bt("own",c.probe,c.line)),i}function Bt(n,t,e){
let o=m("path",{class:n,d:e});return o.append(
m("title",{},t)),o}var en=7,nn=["Evidence","Probe","Value",
"Among all heads","95% interval","More t\
han","Model's own"],on="Dot: value; bar:\
 interval; pale band: the middle 90% of \
all heads. Estimate: to first order, sin\
ce it promised to be small. Of weights, \
more than means a smaller value. A head \
whose work others can do is not missed w\
hen it alone is taken out.";function jt(n,{
lines:t,heads:e}){let o=e[String(n.dataset.
evidence)];if(!o)return;let s=new Map;o.
line.forEach((a,i)=>{let[c,,h]=t[a],d=s.
get(c)??new Map;d.set(h,[...d.get(h)??[],
i]),s.set(c,d)});let r=Array.from(s,([a,
i])=>{let c=l("tbody");c.append(rn(a));for(let h of i.
values())c.append(...h.map((d,u)=>an(t[o.
line[d]],o,d,u?0:h.length)));return c});
n.replaceChildren(sn(),...r),n.closest("\
.scroll")?.after(l("p",on,"caption"))}function sn(){
let n=l("thead"),t=l("tr");for(let[e,o]of nn.
entries()){let s=l("th",o,e===2||e>3?"n":
"");s.scope="col",t.append(s)}return n.append(
t),n}function rn(n){let[t,e]=[l("tr"),l(
"th",n)];return e.scope="rowgroup",e.colSpan=
en,t.append(e),t}function an([,n,t,e,o,s],r,a,i){
let c=l("tr");if(i){let w=l("th",`${n} `);
[w.scope,w.rowSpan,w.title]=["row",i,t],
w.append(l("span",e,"soft")),c.append(w)}
let h=l("td");s&&h.append(cn(`${s} ${r.strip[a]}`));
let d=!!r.estimated[a],f=r.low[a]!==null&&
r.high[a]!==null?`${tt(r.low[a])} to ${tt(
r.high[a])}`:"–",$=l("td",`${d?"about ":
""}${tt(r.value[a])}`),y=[d?"estimate":f,
r.rank[a]||"–",tt(r.intact[a])];return c.
append(l("td",x(o)||"–"),$,h,...y.map(
w=>l("td",w))),c}var tt=n=>N(n===null?null:
n/1e3);function cn(n){let[t,e,o,s]=n.split(
" "),r=m("svg",{class:"strip","aria-hidd\
en":"true"});return r.append(m("path",{class:"\
band",d:`M${t.replace("H"," 6H")}`})),e!==
"-"&&r.append(m("path",{d:`M${e} 0v12`})),
o!=="-"&&r.append(m("path",{class:"ci",d:`\
M${o.replace("H"," 6H")}`})),r.append(m(
"path",{class:"at",d:`M${s} 6h0`})),r}function X(){let n=document.querySelector(
"h1")?.textContent?.trim().replace(/H\d+$/,
"")??"";return window.headatlas.data.layers?.[n]}
var ln=57344,hn=32768;async function Ut(n){
let t=new Uint16Array(n.length),e=0;for(let r=1;r<
n.length;r++){let a=n.charCodeAt(r);t[e++]=
a===ln?n.charCodeAt(++r)^hn:a}let o=new Uint8Array(
t.buffer,0,2*e-Number(n[0])),s=new Blob(
[o]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
s).arrayBuffer())}async function zt(n=X()){
return n?JSON.parse(new TextDecoder().decode(
await Ut(n.tables))):null}function Kt({probes:n,
parts:t,heads:e},o){return(e[o]??[]).map(
([s,...r])=>{let a=[];for(let i=0;i<r.length;i+=
2)a.push([...t[r[i]],r[i+1]]);return[...n[s],
a]})}function bt(n,t=X()){let e=t?.maps[n];
return t&&e?t.kept[e[0]]:[]}function Gt(n){
return n!==null?[...bt(n)]:Array.from(new Set(
X()?.kept.flat()??[]))}function vt(n,t=X()){
return Object.keys(t?.maps??{}).filter(e=>bt(
e,t).includes(n))}var kt=new Map;async function $t(n,t,e,o=X()){
if(n==="mean")return dn(await Promise.all(
vt(t,o).map(y=>$t(y,t,e,o))));let{causal:s,
maps:r}=o,[a,i]=[bt(n,o),r[n][1]];kt.has(
i)||kt.set(i,Ut(i));let c=await kt.get(i),
{rows:h,columns:d}=e[t],u=(y,w)=>s?Math.
min(y+1,w):w,f=0;for(let y of a.slice(0,
a.indexOf(t)))for(let w=0;w<e[y].rows;w++)
f+=u(w,e[y].columns);let $=new Int16Array(
h*d).fill(-1);for(let y=0;y<h;y++){let w=u(
y,d),T=c.subarray(f,f+w);$.set(T,y*d),$[y*
d]=T[0]+255-T.subarray(1).reduce((gt,yt)=>gt+
yt,0)&255,f+=w}return{rows:h,columns:d,weights:$}}
function dn(n){let[{rows:t,columns:e}]=n,
o=new Int16Array(t*e);for(let s=0;s<o.length;s++){
let r=n.reduce((i,c)=>i+c.weights[s],0)/
n.length,a=Math.round(r);o[s]=a-r===.5&&
a%2?a-1:a}return{rows:t,columns:e,weights:o}}var At="../../",pn="The nearest heads of\
 this atlas; a difference leads to both \
side by side. It is the distance of ",un="\
, a root mean square over all that both \
were measured on: scores above chance, a\
nd attention by distance.";function Xt(n,t){
let e=l("th","Labels");e.scope="col",k("\
thead th",n).after(e),b(HTMLTableRowElement,
"tbody tr",n).forEach((s,r)=>{let[a,i]=Array.
from(s.cells),[c,h]=t[r],d=k("a",a);c&&a.
prepend(fn(c)," ");let u=l("td"),f=l("ul",
"","chips");f.append(...h.map(wn)),h.length&&
u.append(f),a.after(u),i.replaceChildren(
mn(n,d,i.textContent??""))});let o=l("p",
pn,"caption");o.append(l("code","headatl\
as similar"),un),n.after(o)}function mn({
dataset:n},t,e){let o=String(n.near),[s,
,r]=new URL(t.href).pathname.split("/").
slice(-3),a=`${decodeURIComponent(s)}/${r.
replace(".html","")}`,i=A(e,`${At}heads.\
html#a=${o}&b=${a}`);return i.title=`${o.
split("/")[1]} and ${t.textContent} side\
 by side`,i}function fn([n,t,e,o,s,r,a]){
let i={class:"small-map",width:s,height:s,
viewBox:`${e} ${o} ${s} ${s}`},c=m("svg",
{...i,role:"img","aria-label":n});return c.
append(m("image",{href:At+t,width:r,height:a})),
c}function wn([n,t,e,o,s]){let r=l("li",
"",`chip ${e}`);return s&&(r.title=s),r.
append(o?A(n,`${At}patterns/${o}.html`):
n),t&&r.append(" ",l("b",t)),r}var gn=/^[-–+\d.]+$/;function et(n){let t=l(
"tr");return t.append(...n.map((e,o)=>{let s=Vt(
e,"col");return typeof e=="string"&&o>0&&
(s.className="n"),s})),t}function nt([n,
...t]){let e=l("tr");return e.append(Vt(
n,"row"),...t.map(yn)),e}function Vt(n,t){
let e=l("th");return e.scope=t,e.append(
n),e}function yn(n){let t=l("td");return typeof n==
"string"&&gn.test(n)&&(t.className="n"),
t.append(n),t}var xn=["Label","Confidence","Score","95\
% interval","Two halves","Chance","Habit\
 alone","Wrong keys","Explained","Streng\
th","Holds","Probe"],kn="A label claims \
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
nes as at the wrong ones. ",bn=5;function Jt(n,t){
let e=l("table","","data scores"),[o,s]=[
l("thead"),l("tr")];for(let[i,c]of xn.entries()){
let h=l("th",c,[0,8,10,11].includes(i)?"":
"n");h.scope="col",s.append(h)}o.append(
s),e.append(o,...t.map(vn));let r=l("div",
"","scroll");Object.assign(r,{role:"regi\
on",ariaLabel:"Table of reasons",tabIndex:0}),
r.append(e);let a=l("p",kn,"caption");a.
append(A("How confidence is calibrated",
"../../methods.html#label"),"."),n.append(
r,a)}function vn([n,t,e,o,s,r,a,i,c,h]){
let[d,u,f,$,y,w,T,gt,yt]=s.map(Yt),Ye=r&&
(s[8]??0)>=bn?`, mostly ${x(r)}`:"",Ht=l(
"tbody","",e);return Ht.append(nt([t?A(x(
n),`../../patterns/${t}.html`):x(n),l("b",
o||"–"),d,s[1]===null?"–":`${u}–${f}`,
`${$}, ${y}`,w,T,gt,l("span",`${yt}${Ye}`),
l("b",Yt(a)),i||"–",h?A(x(c),`../../pr\
obes/${h}.html`):x(c)])),Ht}var Yt=n=>N(
n===null?null:n/1e3);function Zt(n,t){if(!t)return n.append(l(
"p","The scan kept no heatmaps to count \
in."));let[e,o,s,r]=t;if(!r.length)return n.
append(l("p","No token stands out, or al\
l of its attention rests."));let a=l("ta\
ble","","data token-shares"),[i,c]=[l("t\
head"),l("tbody")];i.append(et(["Token",
l("span","As a bar","hidden"),"Share","E\
ven","Times"])),c.append(...r.map($n)),a.
append(i,c);let d=`Of the attention that\
 does not rest, what the queries that ma\
y look at the token spend on it, in the ${`${Qt(
e,"sequence")} above (${Qt(o,"token")})`}\
; even: what they would if they spread i\
t evenly. Ordered by the difference. Lef\
t out: the first position, which is the \
sink, special tokens, others where the h\
eads of the layer rest, and tokens that \
fewer than ${s} queries may look at.`;n.
append(a,l("p",d,"caption"))}function $n([
n,t,e,o,s]){let r=l("bdi",n,"token");r.translate=
!1;let a=c=>(c/1e4).toFixed(2),i=nt([r,"",
a(t),a(e),String(o)]);i.cells[1].className=
`v${s}`;for(let c of[i.cells[3],i.cells[4]])
c.classList.add("soft");return i}var Qt=(n,t)=>`${K(
n)} ${t}${n===1?"":"s"}`;var te=100,An=3,ee="Score, interval, cha\
nce",Sn=["Pattern","Score",ee,"95% inter\
val","Sink-free","Chance","Null","q","St\
rongest rival","Rank","Queries","Probe"],
Mn="Dot: score. Bar: 95% bootstrap inter\
val over sequences. Upright line: chance\
. Null: the same attention against the t\
argets of shuffled tokens. q: one-sided \
p-value against chance, corrected over a\
ll heads. Strongest rival: the pattern t\
hat could explain the score and that the\
 head follows most. Scales run from 0 to\
 1, for distances to the model's largest\
 value.";async function ne(){let n=document.
querySelector("[data-head]")?.dataset.head,
t=n?await zt():null;if(!(n&&t))return;let[
e,o,s]=["scores","evidence","near"].map(
En);Wt(ot("distances"),t.looks[n].distances),
Zt(ot("tokens"),t.looks[n].tokens),t.why[n].
length&&Jt(k("details",ot("why")),t.why[n]),
s&&Xt(s,t.similar[n]),e&&_n(e,t),o&&jt(o,
t.evidence);let r=document.querySelector(
"[data-budget-bar]"),a=Kt(t.budgets,n);r&&
a.length&&r.replaceWith(ae(a[0][2])),a.length&&
In(a)}var En=n=>document.querySelector(`\
table[data-${n}]`),ot=n=>k(`#${n}`).closest(
"section");function oe(n,t=""){let e=l("\
tbody","",t);return e.append(...n),e}function _n(n,{
patterns:t,scores:e}){let o=e[String(n.dataset.
scores)],s=new Map;o.pattern.forEach((a,i)=>{
let c=t[a][3];s.set(c,[...s.get(c)??[],Ln(
t[a],o,i)])}),n.classList.add("all-score\
s"),n.replaceChildren(Tn(n),...Array.from(
s,([a,i])=>oe(i,a))),n.closest(".scroll")?.
after(l("p",Mn,"caption"));let r=document.
querySelector("[data-of-all]");r&&(r.textContent=
r.getAttribute("data-of-all"))}function Tn({
dataset:n}){let t=l("thead");return t.append(
re(Sn.map((e,o)=>{let s=o>0&&![ee,"Stron\
gest rival","Probe"].includes(e),r=l("th",
e==="Rank"?`Rank of ${n.heads}`:e,s?"n":
"");return r.scope="col",r}))),t}function Ln([
n,t,,,e,o],s,r){let a=u=>N(Cn(u[r])),i=l(
"td");s.score[r]!==null&&i.append(On(s,r,
o));let c=l("td",a(s.score)),h=[s.low[r]===
null?"–":`${a(s.low)}–${a(s.high)}`,
a(s.free),a(s.chance),a(s.null),s.q[r]===
0?"< .001":a(s.q),s.rival[r]?`${x(String(
s.rival[r]))} ${a(s.rival_score)}`:"–",
s.rank[r]===null?"–":K(Number(s.rank[r])),
K(s.queries[r]),x(e)],d=A(x(n),`../../pa\
tterns/${t}.html`);return se(d,[c,i,...h.
map(u=>l("td",u))])}function se(n,t){let e=l(
"th");return e.scope="row",e.append(n),re(
[e,...t])}var Cn=n=>n===null?null:n/1e3;
function On(n,t,e){let o=r=>Math.round(Math.
min(Math.max(te*(r??0)/1e3/e,0),te)),s=m(
"svg",{class:"bar","aria-hidden":"true"});
return n.chance[t]!==null&&s.append(m("p\
ath",{class:"chance",d:`M${o(n.chance[t])}\
 0v12`})),n.low[t]!==null&&s.append(m("p\
ath",{class:"ci",d:`M${o(n.low[t])} 6H${o(
n.high[t])}`})),s.append(m("path",{class:"\
at",d:`M${o(n.score[t])} 6h0`})),s}function re(n){
let t=l("tr");return t.append(...n),t}function In(n){
let t=l("table","","data budgets"),e=l("\
thead");e.append(et(["Probe",l("span","A\
ll of its attention"),"On the sink",l("s\
pan","Named")])),t.append(e,oe(n.map(Nn)));
let o=l("div","","scroll");Object.assign(
o,{role:"region",ariaLabel:"Table of bud\
gets",tabIndex:0}),o.append(t),k("detail\
s",ot("budget")).append(o,l("p","Grey: t\
he sink, which is the first position; pa\
ler, other positions on which the heads \
of the layer rest. Coloured: patterns, b\
y their strength. White: what no pattern\
 explains.","caption"))}function Nn([n,t,
e]){let o=x(n),s=l("td");s.append(ae(e));
let r=h=>(h/1e4).toFixed(2),i=e.slice(1,
-1).slice(0,An).map(([h,,d])=>`${x(h)} ${r(
d)}`).join(", ")||"–",c=t?A(o,`../../p\
robes/${t}.html`):document.createTextNode(
o);return se(c,[s,l("td",r(e[0][2]),"n"),
l("td",i,"soft")])}function ae(n){let e=m(
"svg",{class:"budget",...{width:320,height:14,
viewBox:"0 0 100 14",preserveAspectRatio:"\
none"},"aria-hidden":"true"}),o=0;for(let[
s,r,a]of n){let i=m("rect",{class:r,x:o/
100,width:Math.max(a,0)/100,height:14});
i.append(m("title",{},`${x(s)} ${(a/1e4).
toFixed(2)}`)),e.append(i),o+=a}return e}function D(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var g={
read:n=>n??"",write:n=>n},F={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},Rn={read:n=>({column:(n||"hea\
d").replace(/^-/,""),down:n?.startsWith(
"-")??!1}),write:({column:n,down:t})=>n===
"head"&&!t?"":(t?"-":"")+n},qn={read:n=>n?
n.split(","):null,write:n=>n?n.join()||"\
none":""},Hn={read:n=>(n??"").split(",").
filter(Boolean).map(Pn),write:n=>n.map(({
column:t,least:e,most:o})=>`${t}:${e??""}\
:${o??""}`).join()};function Pn(n){let t=n.
split(":"),[e,o]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:o?Number(o):void 0}}var _=class{constructor(t){
this.fields=t}read(){let{choices:t}=ie(),
e=Object.entries(this.fields).map(([o,s])=>[
o,s.read(t.get(o))]);return Object.fromEntries(
e)}format(t,e=""){let o=new URLSearchParams;
for(let[s,r]of Object.entries(this.fields)){
let a=s in t?r.write(t[s]):"";a&&o.set(s,
a)}return[e,String(o).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:o=!0}={}){let s=this.format(t,e);if(location.
hash===(s&&`#${s}`))return;let r=o?history.
pushState:history.replaceState;try{r.call(
history,null,"",s?`#${s}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!C())&&
t()})}};function ie(){let n=location.hash.
slice(1),[t,...e]=n.split("&"),o=t.includes(
"=")?"":t;return{anchor:o,choices:new URLSearchParams(
o?e.join("&"):n)}}function C(){let{anchor:n}=ie(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var ce={view:D("matrix","t\
ext","arcs"),direction:D("to","from"),scale:D(
"linear","root"),sink:D("","show","hide"),
row:F,column:F},O=new _(ce),es=new _({a:g,
b:g,text:g,...ce}),ns=new _({pattern:g,probe:g,
value:D("score","sinkfree"),scale:D("ful\
l","fit"),label:g}),os=new _({text:g,label:g,
probe:g,from:g,to:g,sort:Rn,columns:qn,range:Hn,
page:F}),ss=new _({x:g,y:g}),rs=new _({by:g,
through:g,from:g,to:g,head:g,least:F}),as=new _(
{a:g,b:g,pattern:g}),is=new _({picture:g,
head:g,step:F,word:F});var he=n=>Array.from({length:256},(t,e)=>Number.
parseInt(n.slice(6*e,6*e+6),16)),st=he(window.
headatlas.light),Dn=he(window.headatlas.
dark),le=new Map(st.map((n,t)=>[n,t])),de=matchMedia(
"(prefers-color-scheme: dark)"),pe=[],ue=!1,
Mt=()=>de.matches&&!ue?Dn:st,V=st,me=n=>pe.
push(n);function fe(){for(let n of pe)n()}
de.addEventListener("change",fe);for(let[
n,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(n,()=>{ue=t,fe()});
var Et=n=>`#${n.toString(16).padStart(6,
"0")}`,Y=(n,t)=>Math.round(255*(t?Math.sqrt(
n):n));function rt(n,t,e=Mt()){let o=e[Y(
Math.min(Math.max(n,0),1),t)],s=Fn(o)>.179;
return{background:Et(o),color:s?"#000":"\
#fff"}}function Fn(n){let[t,e,o]=St(n).map(
s=>{let r=s/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*o}var St=n=>[16,8,0].map(t=>n>>t&
255);function we(n){let t=le.get(n);return t===
void 0&&(t=Bn(n),le.set(n,t)),t}function Bn(n){
let t=St(n),e=st.map(o=>St(o).reduce((s,r,a)=>s+
(r-t[a])**2,0));return e.indexOf(Math.min(
...e))}var ge="headatlas-sink";function ye(){try{
let n=localStorage.getItem(ge);return n===
"hide"||n==="show"?n:""}catch{return""}}
function xe(n){try{localStorage.setItem(
ge,n?"hide":"show")}catch{}}var ke=4,Tt=class{constructor(t){this.form=
t,t?.addEventListener("submit",e=>e.preventDefault())}state(){
return{view:this.#n("view")||"matrix",direction:this.#n(
"direction")||"to",scale:this.#n("scale")||
"linear",sink:this.#e()}}choices(){let{view:t,
direction:e,scale:o}=this.state();return{
view:t,direction:e,squareRoot:o==="root",
sink:this.#t()?.checked??!1}}#t(){let t=this.
form?.elements.namedItem("sink");return t instanceof
HTMLInputElement?t:null}#e(){let t=this.#t();
return!t||t.checked===t.defaultChecked?"":
t.checked?"hide":"show"}#n(t){let e=this.
form?.elements.namedItem(t);return e instanceof
RadioNodeList||e instanceof HTMLSelectElement?
e.value:""}show(t){for(let o of["view","\
direction","scale"]){let s=this.form?.elements.
namedItem(o);(s instanceof RadioNodeList||
s instanceof HTMLSelectElement)&&(s.value=
t[o])}let e=this.#t();e&&(e.checked=t.sink?
t.sink==="hide":e.defaultChecked)}recallSink(){
let[t,e]=[this.#t(),ye()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let o of this.form?.querySelectorAll(
"[data-direction]")??[])o.toggleAttribute(
"hidden",t==="arcs");for(let o of document.
querySelectorAll(".scale"))o.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((o,s)=>{
let r=e?(s/ke)**2:s/ke;o.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:o})=>{
let s=this.#t();s&&o===s&&xe(s.checked),
t()}),this.form?.addEventListener("click",
o=>{let s=o.target instanceof HTMLElement?
o.target.dataset.save:void 0;s&&e(s)})}};
function $e(){let n=document.querySelector(
".map-controls");return n&&Wn(n),new Tt(
n)}function Wn(n){let t=n.dataset.offers?.
split(" ")??[];t.includes("views")&&(n.append(
ve("View","view",["matrix","text","arcs"]),
ve("Direction","direction",["to","from"],
["looks at","is looked at by"])),n.children[1].
toggleAttribute("data-direction",!0));let e=l(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let o=l("input");[o.type,o.
name,o.defaultChecked]=["checkbox","sink",
t.includes("aside")],n.append(_t("label",
"Colour scale ",e),_t("label",o," set th\
e sink aside")),t.includes("saves")&&n.append(
_t("span","Download ",be("svg")," ",be("\
png")))}function _t(n,...t){let e=l(n,"",
"control");return e.append(...t),e}function be(n){
let t=l("button",n.toUpperCase());return t.
type="button",t.dataset.save=n,t}function ve(n,t,e,o=e){
let s=l("fieldset","","choice");return s.
append(l("legend",n,"hidden")),e.forEach(
(r,a)=>{let[i,c]=[l("label"),l("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,a===0],i.append(c,o[a]),s.append(
i)}),s}async function at(n,t,e){await n.decode();
let o=l("canvas");[o.width,o.height]=[e,
t];let s=L(o,{read:!0});s.drawImage(n,0,
0,e,t);let r=s.getImageData(0,0,e,t).data,
a=new Int16Array(t*e);for(let i=0;i<a.length;i++){
let c=r[4*i]<<16|r[4*i+1]<<8|r[4*i+2];a[i]=
r[4*i+3]<128?-1:we(c)}return{rows:t,columns:e,
weights:a}}function Ae({rows:n,columns:t,
weights:e}){let o=new Int16Array(e.length);
for(let s=0;s<n;s++){let r=e.subarray(s*
t,(s+1)*t),a=r.reduce((h,d)=>h+Math.max(
d,0),0),i=a-Math.max(r[0],0),c=h=>i<3?0:
Math.round(h*a/i);o.set(r.map((h,d)=>d===
0||h<0?-1:c(h)),s*t)}return{rows:n,columns:t,
weights:o}}function it(n,t,e,o=Mt()){[t.
width,t.height]=[n.columns,n.rows];let s=L(
t,{read:!0}),r=s.createImageData(n.columns,
n.rows),a=new Uint32Array(r.data.buffer),
i=Uint32Array.from({length:256},(c,h)=>{
let d=o[Y(h/255,e)];return(4278190080|(d&
255)<<16|d&65280|d>>16)>>>0});n.weights.
forEach((c,h)=>{c>=0&&(a[h]=i[Math.min(c,
255)])}),s.putImageData(r,0,0)}var J=n=>(n/
255).toFixed(3),Se=n=>n<0?null:n/255;function ct({
columns:n,weights:t},e){return Array.from(
t.subarray(e*n,(e+1)*n),Se)}function Me({
rows:n,columns:t,weights:e},o){return Array.
from({length:n},(s,r)=>Se(e[r*t+o]))}var jn=5,Un=.02,v=130,I=260,B=2*v+I,Lt=4,
zn=8e3,Ee=15,Kn='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',lt=class{constructor(t,e,o){
this.rows=t,this.columns=e;let s=Math.max(
t.length,e.length);this.pitch=Ct(s),this.
height=s*this.pitch+2*Lt,this.ratio=Math.
min(devicePixelRatio||1,zn/this.height),
this.canvas=this.#t(),this.#e(o)}#t(){let{
ratio:t,height:e}=this,o=l("canvas","","\
arcs");return[o.width,o.height]=[Math.round(
B*t),Math.round(e*t)],[o.style.width,o.style.
aspectRatio]=[M(B),`${B} / ${e}`],o.setAttribute(
"role","img"),o.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),o}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#n(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
o]=this.#n(e);o>=0&&t.pin(o)})}#n(t){let e=B/
this.canvas.clientWidth,o=Math.floor((t.
offsetY*e-Lt)/this.pitch);return t.offsetX*
e>B/2?[-1,E(o,this.columns.length)]:[E(o,
this.rows.length),-1]}draw(t,e,o,s){let r=L(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,B,this.
height),r.strokeStyle=_e("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let a of It(
t,e,o))r.globalAlpha=ht(a.weight,s),this.#o(
r,a.query,a.key);r.globalAlpha=1,this.pitch>=
10&&this.#a(r,e,o)}#o(t,e,o){let[s,r,a]=[
v,v+I,v+I/2],[i,c]=[this.#s(e),this.#s(o)];
t.beginPath(),t.moveTo(s,i),t.bezierCurveTo(
a,i,a,c,r,c),t.stroke()}#s(t){return Lt+
(t+.5)*this.pitch}#a(t,e,o){t.font=`${Math.
min(this.pitch-2,12)}px ${Kn}`,t.textBaseline=
"middle",t.textAlign="right",this.#i(t,this.
rows,v-6,e),t.textAlign="left",this.#i(t,
this.columns,v+I+6,o)}#i(t,e,o,s){let[r,
a]=[getComputedStyle(document.body).color,
_e("--soft")];e.forEach((i,c)=>{t.fillStyle=
s<0||s===c?r:a,t.fillText(Ot(i),o,this.#s(
c),v-8)})}};function Ct(n){return n<=60?
19:n<=200?12:Math.max(2,Math.floor(3e3/n))}
function Ot(n){return n.length>Ee?`${n.slice(
0,Ee-1)}…`:n}var ht=(n,t)=>Math.min(t?
Math.sqrt(n):n,1);function It(n,t,e){return(t>=
0?[t]:Array.from({length:n.rows},(s,r)=>r)).
flatMap(s=>Gn(n,s,t>=0,e).map(([r,a])=>({
query:s,key:a,weight:r})))}function Gn(n,t,e,o){
let s=ct(n,t).map((r,a)=>[r??0,a]).filter(
([r])=>r>Un);return e?s:o>=0?s.filter(([
,r])=>r===o):s.sort((r,a)=>a[0]-r[0]).slice(
0,jn)}var _e=n=>getComputedStyle(document.
documentElement).getPropertyValue(n);var p={font:"ui-sans-serif, Helvetica, A\
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
scale_room:56};function Nt(n,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(n),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var Vn=3,Yn=8e3;function W(n,t){let e=m("svg",{"font-fam\
ily":p.font,"font-size":t,fill:p.ink}),{
title_x:o,title_y:s,title_size:r,title_weight:a}=p;
return e.append(m("text",{x:o,y:s,"font-\
size":r,"font-weight":a},n)),e}var j=n=>p.
title_x+p.title_letter_width*Array.from(
n).length;function U(n,t,e){let{scale_steps:o,
scale_step_width:s,scale_tick_y:r}=p,a={
width:p.scale_rect_width,height:p.scale_height},
i=m("g",{transform:`translate(${n} ${t})`});
for(let c=0;c<o;c++)i.append(m("rect",{x:c*
s,...a,...e(c/(o-1))}));for(let c of p.scale_ticks)
i.append(m("text",{x:o*s*c,y:r,"text-anc\
hor":"middle"},String(c)));return i}function z(n,t,e){
return n.setAttribute("viewBox",`0 0 ${t}\
 ${e}`),n.setAttribute("width",String(t)),
n.setAttribute("height",String(e)),n.prepend(
m("rect",{width:t,height:e,fill:p.paper})),
n}async function Te(n,t,e){let o=new XMLSerializer().
serializeToString(n),s=`${Ft(t)}.${e}`;return e===
"svg"?Nt(new Blob([o],{type:"image/svg+x\
ml"}),s):(await Jn(o,Number(n.getAttribute(
"width")),Number(n.getAttribute("height")))).
toBlob(a=>a&&Nt(a,s))}async function Jn(n,t,e){
let o=new Image;o.src=`data:image/svg+xm\
l;charset=utf-8,${encodeURIComponent(n)}`,
await o.decode();let s=l("canvas"),r=Math.
min(Vn,Yn/Math.max(t,e));return[s.width,
s.height]=[Math.round(t*r),Math.round(e*
r)],L(s).drawImage(o,0,0,s.width,s.height),
s}var Ce="#1d4f91",Qn="#5d6167",Zn=10;function Oe({
weights:n,rows:t,columns:e,title:o,squareRoot:s,
query:r,key:a}){let i=Math.max(t.length,
e.length),c=Ct(i),h=p.title_room,d=T=>h+
(T+.5)*c,u=W(o,p.font_size);u.append(to(
It(n,r,a),d,s)),c>=Zn&&(u.append(Le(t,v-
6,"end",d,r)),u.append(Le(e,v+I+6,"start",
d,a)));let f=h+i*c+p.scale_gap,$=p.scale_step_width,
y=T=>({width:$,fill:Ce,"fill-opacity":ht(
T,s)});u.append(U(v,f,y));let w=Math.max(
2*v+I,j(o)+p.right_margin);return z(u,w,
f+p.scale_room-p.scale_gap)}function to(n,t,e){
let o=m("g",{fill:"none",stroke:Ce,"stro\
ke-width":2}),[s,r,a]=[v,v+I,v+I/2];for(let{
query:i,key:c,weight:h}of n){let[d,u]=[t(
i),t(c)],f=`M${s} ${d}C${a} ${d} ${a} ${u}\
 ${r} ${u}`;o.append(m("path",{d:f,"stro\
ke-opacity":Number(ht(h,e).toFixed(3))}))}
return o}function Le(n,t,e,o,s){let r=m(
"g",{"font-family":p.token_font,"text-an\
chor":e});return n.forEach((a,i)=>{let c=s<
0||s===i?p.ink:Qn;r.append(m("text",{x:t,
y:o(i)+p.baseline,fill:c},Ot(a)))}),r}function Ne(n){let{rows:t,columns:e,title:o,
squareRoot:s}=n,r=eo(t,e),a=W(o,p.font_size),
i=r.top+r.height+p.scale_gap,c=U(r.left,
i,u=>({fill:dt(u,s)}));a.append(oo(n,r),
so(t,e,r),c);let d=Math.max(r.left+Math.
max(r.width,p.min_width),j(o))+p.right_margin;
return z(a,d,r.top+r.height+p.scale_room)}
function eo(n,t){let e=Math.max(n.length,
t.length)>p.max_cells,o=e?p.small_cell:p.
cell,s=i=>e?p.number_room:no(i),[r,a]=[s(
n),s(t)+p.title_room];return{long:e,cell:o,
left:r,top:a,width:t.length*o,height:n.length*
o}}function no(n){let t=Math.max(...n.map(
e=>Re(e).length));return p.token_margin+
p.letter_width*t}function Re(n){return n.
length>p.max_letters?`${n.slice(0,p.max_letters-
1)}…`:n}function oo({weights:n,squareRoot:t},{
long:e,cell:o,left:s,top:r,width:a,height:i}){
let c=m("g",{transform:`translate(${s} ${r}\
)`,"shape-rendering":"crispEdges"});if(e){
let h=l("canvas");return it(n,h,t,V),c.append(
m("image",{href:h.toDataURL(),width:a,height:i,
style:"image-rendering: pixelated"})),c}
return n.weights.forEach((h,d)=>{if(h<0)
return;let[u,f]=[d%n.columns*o,Math.floor(
d/n.columns)*o];c.append(m("rect",{x:u,y:f,
width:o,height:o,fill:dt(h/255,t)}))}),c}
var dt=(n,t)=>Et(V[Y(n,t)]);function so(n,t,{
long:e,cell:o,left:s,top:r}){let{token_gap:a,
baseline:i}=p,c=m("g",{"font-family":p.token_font});
for(let[h,d]of Ie(n,e)){let u=r+(h+.5)*o+
i;c.append(m("text",{x:s-a,y:u,"text-anc\
hor":"end"},d))}for(let[h,d]of Ie(t,e)){
let u=s+(h+.5)*o+i;c.append(m("text",{transform:`\
translate(${u} ${r-a}) rotate(-90)`},d))}
return c}function Ie(n,t){let e=n.map((o,s)=>[
s,t?String(s):Re(o)]);return t?e.filter(
([o])=>o%p.number_step===0):e}var Pe=640,De=20,qe=16,Fe=2,He=12;function Be(n,t,e){
let o=W(t,p.font_size),s=p.title_room+p.
title_x;for(let a of n){let i=ro(a.tokens,
s),c=m("g",{"font-family":p.token_font});
c.append(...a.tokens.flatMap((h,d)=>ao(h,
i[d],a,d,e))),o.append(c),s=(i.at(-1)?.y??
s)+De+He}o.append(U(p.title_x+He,s,a=>({
fill:dt(a,e)})));let r=Math.max(Pe,j(t))+
p.right_margin;return z(o,r,s+p.scale_room-
p.scale_gap)}function ro(n,t){let e=L(l(
"canvas"));e.font=`${p.font_size}px ${p.
token_font}`;let[o,s]=[p.title_x,t];return n.
map(r=>{let a=e.measureText(r).width+2*Fe;
o+a>Pe&&o>p.title_x&&([o,s]=[p.title_x,s+
De]);let i={x:o,y:s,width:a};return o+=a+
1,i})}function ao(n,{x:t,y:e,width:o},{weights:s,
chosen:r},a,i){let c=s?.[a]??null,h=c===
null?null:rt(c,i,V),d=a===r?{stroke:p.ink,
"stroke-width":1.5}:{},u=m("rect",{x:t,y:e,
width:o,height:qe,fill:h?.background??p.
paper,...d}),f=h?.color??p.ink;return[u,
m("text",{x:t+Fe,y:e+qe/2+p.baseline,fill:f},
n)]}function We(n,t,e,o){let{view:s}=t,{query:r,
key:a}=n.current(),i=s==="matrix"?"":co(
n,r,a),c=io(n,t,i?`${e}: ${i}`:e),h=s===
"matrix"?[]:[s,r>=0?`row ${r}`:a>=0?`col\
umn ${a}`:""];return Te(c,[e,...h].filter(
Boolean).join(", "),o)}function io(n,{view:t,
squareRoot:e},o){let{rows:s,columns:r}=n,
a=n.maps[0].shown;return t==="text"?Be(n.
shadedTexts(),o,e):t==="arcs"?Oe({weights:a,
rows:s,columns:r,title:o,squareRoot:e,...n.
arcsShown()}):Ne({weights:a,rows:s,columns:r,
title:o,squareRoot:e})}function co(n,t,e){
return t>=0&&(n.readsRows()||e<0)?`what ${n.
rows[t]} ${t} looks at`:e>=0?`who looks \
at ${n.columns[e]} ${e}`:""}var q=Object.freeze({query:-1,key:-1}),S=n=>n.
query<0&&n.key<0,H=n=>n.query>=0&&n.key>=
0,lo=["kept","row","column","cell","row-\
tag","column-tag"],pt=class{constructor(t,e,o){
this.measured=e,this.shown=e,this.canvas=
ho(t.alt,e,o),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(lo.map(s=>[s,po(s)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=l("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?Ae(this.measured):
this.measured,it(this.shown,this.canvas,
e)}cellAt(t){let{rows:e,columns:o}=this.
shown;return{query:E(Math.floor(t.offsetY/
this.canvas.clientHeight*e),e),key:E(Math.
floor(t.offsetX/this.canvas.clientWidth*
o),o)}}start(){let{rows:t,columns:e,weights:o}=this.
shown,s=o.subarray(e*(t-1),e*t);return{query:t-
1,key:s.indexOf(Math.max(...s))}}weightAt({
query:t,key:e}){return this.shown.weights[t*
this.shown.columns+e]}strongest({query:t,
key:e}){let{rows:o,columns:s}=this.shown,
r=Array.from({length:t>=0?s:o},(c,h)=>t>=
0?{query:t,key:h}:{query:h,key:e}),a=r.map(
c=>this.weightAt(c)),i=Math.max(...a);return i>
0?r[a.indexOf(i)]:q}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":J(e)}mark(t,e,o){
let{rows:s,columns:r}=this.shown,{query:a,
key:i}=t,c=this.#o();this.#e("row",a>=0,
[0,a,r,1],c),this.#e("column",i>=0,[i,0,
1,s],c),this.#e("cell",H(t),[i,a,1,1],c);
let h=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,s];this.#e("kept",!S(e),h,c),this.#n(
"row-tag",o.row),this.#n("column-tag",o.
column),this.marks["row-tag"].style.top=
M(c.top+(a+.5)*c.height),this.marks["col\
umn-tag"].style.left=M(c.left+(i+.5)*c.cell)}#e(t,e,[
o,s,r,a],{cell:i,height:c,left:h,top:d}){
let u=this.marks[t];u.hidden=!e,u.style.
left=M(h+o*i),u.style.top=M(d+s*c),u.style.
width=M(r*i),u.style.height=M(a*c)}#n(t,e){
let o=this.marks[t];o.hidden=e===void 0,
e!==void 0&&o.replaceChildren(l("bdi",e))}#o(){
let{offsetLeft:t,offsetTop:e,clientWidth:o,
clientHeight:s}=this.canvas;return{cell:o/
this.shown.columns,height:s/this.shown.rows,
left:t,top:e}}};function ho(n,{rows:t,columns:e},o){
let s=l("canvas","","pixels");return s.style.
setProperty("--rows",String(t)),s.style.
setProperty("--columns",String(e)),s.tabIndex=
0,s.setAttribute("role","application"),s.
setAttribute("aria-roledescription","hea\
tmap"),s.setAttribute("aria-label",`${n}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),s.setAttribute("aria-d\
escribedby",o),s}function po(n){let t=l(
"div","",`mark-${n}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var je={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
uo="Point at a map: all show the same pa\
ir of tokens.",ut=class{constructor(t,e,o,s){
this.rows=e,this.columns=o,this.many=s,this.
view="matrix",this.hint=l("span",s?uo:je.
matrix,"hint"),this.root=l("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
je[t==="text"&&!e?"text, from":t])}say(t,e,o){
S(t)?this.root.replaceChildren(this.hint):
H(t)?this.#n(t,o):this.#t(t,e,o)}#t(t,e,o){
let{query:s,key:r}=t,a=s>=0?R(this.rows[s],
s):R(this.columns[r],r),i=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(a,...this.many?
[" in every map"]:this.#e(t,o),i)}#e(t,e){
let o=e.strongest(t),s=t.query>=0;if(S(o))
return[s?" looks at nothing that is show\
n":" is looked at by none"];let r=s?R(this.
columns[o.key],o.key):R(this.rows[o.query],
o.query);return[s?" looks most at ":" is\
 looked at most by ",r,", ",l("b",J(e.weightAt(
o)))]}#n(t,e){let{query:o,key:s}=t,[r,a]=[
R(this.rows[o],o),R(this.columns[s],s)];
this.root.replaceChildren(r," → ",a,...this.#o(
t,e))}#o(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let o=e.weightAt(
t);return o<0?[": the sink, taken out"]:
this.many?[]:[": ",l("b",J(o))]}};var Q=class{constructor(t,e,o){this.on=o,
this.root=l("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(mo),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,o,s){
this.spans.forEach((r,a)=>{let i=t?.[a]??
null,c=i===null?null:rt(i,s);r.style.background=
c?.background??"",r.style.color=c?.color??
"",r.title=i===null?"":i.toFixed(3),r.classList.
toggle("chosen",a===e),r.classList.toggle(
"unseen",t!==null&&i===null),r.setAttribute(
"aria-pressed",String(o&&a===e))})}#t(){
let{root:t,on:e}=this;t.addEventListener(
"pointerover",o=>this.#e(o,e.over)),t.addEventListener(
"pointerleave",e.out),t.addEventListener(
"click",o=>this.#e(o,e.pin)),t.addEventListener(
"focusin",o=>this.#e(o,s=>this.#n(s))),t.
addEventListener("keydown",o=>this.#e(o,
s=>this.#o(o,s)))}#e(t,e){let o=this.spans.
indexOf(t.target);o>=0&&e(o)}#n(t){for(let e of this.
spans)e.tabIndex=-1;this.spans[t].tabIndex=
0,this.spans[t].matches(":focus-visible")&&
this.on.over(t)}#o(t,e){if(P(t))return;let o=this.
spans.length-1,s={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:o};
if(t.key in s)this.spans[E(s[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function mo(n){let t=l("bdi",n,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var Ue=9,mt=class n{#t=q;#e=q;#n=null;#o=null;followers=[];static async start(t,e,o,s,r=at){
let a=new n(t,e,o,s,r);await a.#s(),a.many||
a.#a();for(let i of a.maps)a.#g(i);return a.
repaint(),t.dataset.ready="",a}constructor(t,{
tokens:e,columns:o,text:s},r,a,i){this.root=
t,this.rows=e,this.columns=o??e,this.twoTexts=
o!==void 0,this.text=s??e,this.many=t.classList.
contains("multiples"),this.choices=r,this.
onPin=a,this.weightsOf=i,this.maps=[],this.
readout=new ut(`readout-${t.dataset.maps}`,
this.rows,this.columns,this.many),t.prepend(
this.readout.root)}async#s(){let t=b(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(o=>this.weightsOf(o,this.rows.
length,this.columns.length)));this.maps=
t.map((o,s)=>new pt(o,e[s],this.readout.
root.id))}#a(){let t=l("div","","map-tex\
t"),e=this.twoTexts?"The text whose toke\
ns look":"The text",o=this.#i(()=>this.readsRows()),
s=new Q(this.text,e,o);t.append(s.root);
let r=null;if(this.twoTexts){let a=this.#i(
()=>!1);r=new Q(this.columns,"The text t\
hat is looked at",a),t.append(r.root)}this.
root.append(t),this.#n={rows:s,columns:r}}#i(t){
let e=o=>t()?{query:o,key:-1}:{query:-1,
key:o};return{over:o=>this.#r(e(o)),out:()=>this.#l(),
pin:o=>this.#c(e(o))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:o}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let s of this.
maps)s.paint(o,e);this.root.dataset.view===
"arcs"&&this.#h(),this.#d(S(this.#t)?this.#e:
this.#t),this.fit(),this.#p()}#h(){if(this.#o)
return;this.#o=new lt(this.rows,this.columns,
{over:(e,o)=>this.#r({query:e,key:o}),out:()=>this.#l(),
pin:e=>this.#c({query:e,key:-1})});let t=l(
"div","","scroll arcs-view");t.append(this.#o.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#u()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),o=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||o<=Ue)return;let s=e.clientWidth-
k(".axis-rows",e).offsetWidth-8,r=this.columns.
length;s>0&&o*r>s&&t.setProperty("--cell",
M(Math.max(Ue,Math.floor(s/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#d(S(this.#t)?
t:this.#t),this.#p()}#c(t){this.pin(ze(t,
this.#e)?q:t)}#r(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#l(){this.#r(q)}follow(t){
ze(t,this.#t)||(this.#t=t,this.#d(S(t)?this.#e:
t),this.#p())}#d(t){this.readout.say(t,!S(
this.#e),this.maps[0]);for(let e of this.
maps)S(t)?e.sayWeight(null):H(t)&&e.sayWeight(
t)}#p(){this.#f(),this.root.dataset.view===
"arcs"&&this.#w(),this.#u()}current(){return S(
this.#e)?this.#t:this.#e}#f(){if(!this.#n)
return;let[t,{squareRoot:e}]=[!S(this.#e),
this.choices()],{rows:o,columns:s}=this.#n;
this.shadedTexts().forEach(({weights:r,chosen:a},i)=>{
(i&&s?s:o).colour(r,a,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:o}=this.
maps[0],s=t>=0&&(this.readsRows()||e<0),
r=s?ct(o,t):null,a=!s&&e>=0?Me(o,e):null;
return this.twoTexts?[{tokens:this.text,
weights:a,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??a,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#w(){let{query:t,
key:e}=this.arcsShown();this.#o?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#u(){
let t=S(this.#t)?this.#e:this.#t,e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let o of this.maps)o.
mark(t,this.#e,e)}#g(t){let{canvas:e}=t;
e.addEventListener("pointermove",o=>this.#r(
t.cellAt(o))),e.addEventListener("pointe\
rdown",o=>this.#r(t.cellAt(o))),e.addEventListener(
"click",o=>{this.many||this.#c(t.cellAt(
o))}),e.addEventListener("pointerleave",
o=>{let s=document.activeElement===e&&e.
matches(":focus-visible");o.pointerType===
"mouse"&&!s&&this.#l()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#r(t.start())}),
e.addEventListener("blur",()=>this.#l()),
e.addEventListener("keydown",o=>this.#y(
o,t))}#y(t,e){let o=this.#x(e)[t.key];!o||
P(t)||(t.preventDefault(),t.stopPropagation(),
o())}#x(t){let e=(o,s)=>()=>this.#k(t,o,
s);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#m(t),
" ":()=>this.#m(t),Escape:()=>{this.many||
this.pin(q)}}}#k(t,e,o){let{query:s,key:r}=this.#t;
H(this.#t)?this.#r({query:E(s+e,this.rows.
length),key:E(r+o,this.columns.length)}):
this.#r(t.start())}#m(t){H(this.#t)||this.#r(
t.start()),this.many||this.#c(this.#t)}},
ze=(n,t)=>n.query===t.query&&n.key===t.key;var Z=n=>n.closest(".example")?.id??"",ft=class{constructor(t,e){
this.tokens=t,this.weightsOf=e,this.controls=
$e(),this.sets=[],this.watcher=new IntersectionObserver(
o=>this.#t(o),{rootMargin:"50%"}),this.showAddress(),
this.#n(),this.controls.listen(()=>this.#s(),
o=>this.#h(o)),me(()=>this.#i()),addEventListener(
"resize",()=>{for(let o of this.sets)o.resize()})}start(){
let t=b(HTMLElement,".map-set"),e=C(),o=t.
find(s=>e&&Z(s)===e)??t[0];o&&this.#e(o);
for(let s of t)s!==o&&this.watcher.observe(
s)}restart(t){this.sets.length=0,this.watcher.
disconnect(),this.#e(t)}#t(t){for(let{target:e,
isIntersecting:o}of t)o&&e instanceof HTMLElement&&
(this.watcher.unobserve(e),this.#e(e))}async#e(t){
let e=this.tokens[Number(t.dataset.maps)],
o=await mt.start(t,e,()=>this.controls.choices(),
({query:s,key:r})=>this.writeAddress(Z(t),
{row:s,column:r}),this.weightsOf);t.isConnected&&
(this.sets.push(o),this.#o(o))}#n(){let{
sink:t,row:e,column:o}=O.read();!t&&this.
controls.recallSink()&&this.writeAddress(
C(),{row:e,column:o},{step:!1})}showAddress(){
this.controls.show(O.read()),this.#a()}pinAddress(){
for(let t of this.sets)this.#o(t)}#o(t){
let e=C();if(e&&e!==Z(t.root))return;let{
row:o,column:s}=O.read(),r=o<t.rows.length?
o:-1,a=s<t.columns.length?s:-1;t.keep({query:r,
key:a})}writeAddress(t,e={},o={}){O.write(
{...this.controls.state(),...e},t,o)}formatAddress(t){
return O.format(this.controls.state(),t)}#s(){
this.#a();let{row:t,column:e}=O.read();this.
writeAddress(C(),{row:t,column:e})}#a(){
this.controls.explain(),this.#i()}#i(){for(let t of this.
sets)t.repaint()}repaintSection(t){for(let e of this.
sets)Z(e.root)===t&&e.repaint()}#h(t){let e=this.
sets.find(({root:o})=>o.offsetParent!==null);
e&&We(e,this.controls.choices(),fo(Z(e.root)),
t)}};function fo(n){let t=document.querySelector(
"h1")?.textContent?.trim()??"",e=document.
querySelector(".page-head[data-model]")?.
getAttribute("data-model"),o=document.querySelector(
"#shown-name")?.textContent?.trim()??"",
s=n&&document.querySelector(`.examples a\
[href="#${n}"]`)?.getAttribute("title"),
r=e?`${t} of ${e}`:t;return[r,r.includes(
o)?"":o,s].filter(Boolean).join(", ")}function Ke(n){let t=document.querySelector(
"figure.example");if(!t)return;let e=document.
querySelector("h1")?.textContent?.trim()??
"",o=t.dataset.heads!==void 0,s=Gt(o?null:
e).sort((i,c)=>n[i].rank-n[c].rank||i-c),
r=new Map(b(HTMLElement,"figure.example").
map(i=>[Number(i.dataset.example),i])),a=null;
for(let i of s){let c=r.get(i)??wo(i,n[i]);
a&&a.after(c),a=c;let h=o?xo(e,Number(t.
dataset.heads),i,n[i]):c!==t&&yo(t,e,i,n[i]);
h&&c.prepend(h),c!==t&&c.append(ko(t,c,n[i]))}
go(s.map(i=>n[i]))}var Rt=({file:n,sequence:t})=>`${n}\
-${t}`;function wo(n,t){let e=l("figure",
"","example");return e.id=Rt(t),e.dataset.
example=String(n),e}function go(n){let t=document.
querySelector("nav.examples");if(t)for(let e of new Set(
n.map(o=>o.probe))){let o=l("p");o.append(
l("span",e));for(let s of n.filter(r=>r.
probe===e)){let r=A(s.name,`#${Rt(s)}`);
r.title=`${e} ${s.sequence}`,Rt(s)===t.dataset.
clearest&&(r.className="clearest"),o.append(
" ",r)}t.append(o)}}function yo(n,t,e,o){
let s=Xe(".map-set",n);s.dataset.maps=String(
e);let[r,a]=[o.cells[0],o.tall[0]];s.className=
`map-set cell-${r} step-${o.step} tall-${a}`,
k(".axis-rows",s).replaceChildren(o.axes[0]),
k(".axis-columns",s).replaceChildren(o.axes[1]);
let i=k("img.pixels",s);return i.removeAttribute(
"src"),Ge(i,t,o,[r,r*a]),i.alt=`Attentio\
n of ${t} on ${o.on}`,s}function xo(n,t,e,o){
let[s,r]=[o.cells[1],o.tall[1]],a=l("div",
"",`map-set multiples cell-${s} tall-${r}`);
a.dataset.maps=String(e);let i=l("ul","",
"maps");for(let c of[...vt(e),"mean"]){let[
h,d,u,f]=[l("li"),l("p","","map-title"),
l("div","","map"),new Image],$=c==="mean";
d.append($?`mean of ${t} head${t===1?"":
"s"}`:A(c,`../heads/${c}.html`)),f.className=
"pixels",Ge(f,c,o,[s,s*r]),f.alt=$?`Mean\
 attention of ${n} on ${o.on}`:`Attentio\
n of ${c}`,u.append(f),h.append(d,u),i.append(
h)}return a.append(i),a}function Ge(n,t,{
tokens:e,columns:o},[s,r]){n.dataset.map=
t,[n.width,n.height]=[(o??e).length*s,e.
length*r]}function ko(n,t,e){let o=Xe("f\
igcaption",n),{name:s,probe:r,length:a}=e,
i={name:s,probe:r,length:a,sequence:String(
e.sequence)};for(let h of b(HTMLElement,
"[data-part]",o))h.textContent=i[String(
h.dataset.part)];let c=k("[data-part=pro\
be]",o);c.href=`../../probes/${e.file}.h\
tml`;for(let h of b(HTMLAnchorElement,"[\
data-beside]",o))h.hash=t.id;return o}var Xe=(n,t)=>k(
n,t).cloneNode(!0);var bo=new Map([["ArrowLeft","prev"],["A\
rrowRight","next"]]),vo="select, input, \
textarea, canvas, .scroll",wt=class{constructor(t){
this.maps=t,this.links=b(HTMLAnchorElement,
".examples a"),this.sections=b(HTMLElement,
".example")}start(){this.#e(),this.#t()}#t(){
let t=C(),o=this.sections.some(({id:s})=>s===
t)?t:this.sections[0]?.id;for(let s of this.
sections)s.hidden=s.id!==o;Pt(this.links,
s=>s.hash===`#${o}`),this.maps.repaintSection(
o)}#e(){for(let t of this.links)t.addEventListener(
"click",e=>this.#n(e,t));for(let t of b(
HTMLAnchorElement,".turn a"))t.addEventListener(
"click",()=>this.#o(t));document.addEventListener(
"keydown",t=>this.#s(t)),O.onChange(()=>this.#a(),
{anchors:!0})}#n(t,e){t.preventDefault(),
this.maps.writeAddress(e.hash.slice(1)),
this.#t(),this.maps.pinAddress()}#o(t){t.
hash=this.maps.formatAddress(C())}#s(t){
let e=bo.get(t.key);!e||P(t)||t.shiftKey||
t.defaultPrevented||t.target instanceof Element&&
t.target.closest(vo)||b(HTMLAnchorElement,
`.turn [rel=${e}]`)[0]?.click()}#a(){this.
maps.showAddress(),this.#t(),this.maps.pinAddress()}};Dt();var qt=window.headatlas.data.tokens??
[],$o=qt.map(({tokens:n,columns:t})=>({rows:n.
length,columns:(t??n).length}));Ke(qt);var Ve=new ft(
qt,(n,t,e)=>{let{map:o}=n.dataset,s=Number(
n.closest("figure")?.dataset.example);return o===
void 0?at(n,t,e):$t(o,s,$o)});Ve.start();
new wt(Ve).start();ne();})();
