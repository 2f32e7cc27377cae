// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function l(n,t="",e=""){let s=document.createElement(
n);return s.textContent=t,e&&(s.className=
e),s}function m(n,t={},e=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",n);for(let[o,r]of Object.entries(t))
s.setAttribute(o,String(r));return e&&(s.
textContent=e),s}function S(n,{read:t=!1}={}){
return n.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function A(n,t){let e=l("a",n);return e.
href=t,e}function R(n,t){let e=l("span"),
s=l("bdi",n,"token");return s.translate=
!1,e.append(s,l("span",` ${t}`,"soft")),
e}var E=n=>`${n}px`,T=(n,t)=>Math.min(t-
1,Math.max(0,n));function g(n,t=document){
return t.querySelector(n)}function b(n,t,e=document){
return Array.from(e.querySelectorAll(t)).
filter(s=>s instanceof n)}function Ft(n,t){for(let e of n)t(e)?e.setAttribute(
"aria-current","true"):e.removeAttribute(
"aria-current")}var D=n=>n.altKey||n.ctrlKey||
n.metaKey;function Wt(){for(let n of document.querySelectorAll(
"[data-needs-script]"))n.removeAttribute(
"hidden")}var y=n=>n.replaceAll("_"," ");function N(n){
return n==null?"–":n.toFixed(Math.abs(
n)<10?3:1)}var K=n=>String(n).replace(/\B(?=(\d{3})+$)/g,
",");var Bt=n=>n.replace(/[^\p{L}\p{N}.]+/gu,
"-");var[kt,X]=[420,150],cn=[-64,-16,-4,-1,0,
1,2,4,8,16,32,64,128,256],ln="Share of t\
he attention that goes to the key that m\
any tokens back (square-root axis), over\
 the queries of the sequences above that\
 have one. The first position, special t\
okens, and others where the heads of the\
 layer rest are left out.",hn="Mean atte\
ntion on the key that many tokens back (\
square-root axis), the sink among them.";
function Ut(n,t){if(!t)return n.append(l(
"p","The scan kept no attention by dista\
nce."));let{curves:e,peaks:s,off_sink:o}=t,
r=y(e[0][0]),a=d=>s.map(([h,p])=>`${h} b\
ack (${d===3?N(p/1e3):(p/1e3).toFixed(d)}\
)`).join(", "),i=e.length>1?"; grey: the\
 other probes":"",c=`${o?ln:hn} Dark: ${r}${i}\
. There most at ${a(2)}.`;n.append(dn(t,
`Attention by distance. On ${r} most at ${a(
3)}.`),l("p",c,"caption"))}function dn({
curves:n,ticks:t},e){let s=Math.min(...n.
map(([,h])=>h)),o=Math.max(...n.map(([,h,
p])=>h+p.length-1)),r=h=>Math.sign(h)*Math.
sqrt(Math.abs(h)),a=h=>Math.round(10*kt*
(r(h)-r(s))/(r(o)-r(s)))/10,i=m("svg",{class:"\
chart distance-chart",viewBox:`-34 -8 ${kt+
44} ${X+36}`,role:"img","aria-label":e});
i.append(m("path",{class:"frame",d:`M0 0\
V${X}H${kt}`})),t.forEach((h,p)=>{i.append(
m("text",{class:"y",x:-5,y:X*(1-p/(t.length-
1))},h))});for(let h of cn.filter(p=>s<=
p&&p<=o))i.append(m("path",{class:"tick",
d:`M${a(h)} ${X}v4`})),i.append(m("text",
{class:"x",x:a(h),y:X+16},String(h)));let[
c,...d]=n.map(([h,p,f])=>{let x=f.map((v,k)=>`${Math.
round(a(p+k))} ${v}`).join("L");return{probe:y(
h),line:`M${x}`}});for(let{probe:h,line:p}of d)
i.append(jt("other",h,p));return i.append(
jt("own",c.probe,c.line)),i}function jt(n,t,e){
let s=m("path",{class:n,d:e});return s.append(
m("title",{},t)),s}var pn=7,un=["Evidence","Probe","Value",
"Among all heads","95% interval","More t\
han","Model's own"],mn="Dot: value; bar:\
 interval; pale band: the middle 90% of \
all heads. Estimate: to first order, sin\
ce it promised to be small. Of weights, \
more than means a smaller value. A head \
whose work others can do is not missed w\
hen it alone is taken out.";function zt(n,{
lines:t,heads:e}){let s=e[String(n.dataset.
evidence)];if(!s)return;let o=new Map;s.
line.forEach((a,i)=>{let[c,,d]=t[a],h=o.
get(c)??new Map;h.set(d,[...h.get(d)??[],
i]),o.set(c,h)});let r=Array.from(o,([a,
i])=>{let c=l("tbody");c.append(wn(a));for(let d of i.
values())c.append(...d.map((h,p)=>gn(t[s.
line[h]],s,h,p?0:d.length)));return c});
n.replaceChildren(fn(),...r),n.closest("\
.scroll")?.after(l("p",mn,"caption"))}function fn(){
let n=l("thead"),t=l("tr");for(let[e,s]of un.
entries()){let o=l("th",s,e===2||e>3?"n":
"");o.scope="col",t.append(o)}return n.append(
t),n}function wn(n){let[t,e]=[l("tr"),l(
"th",n)];return e.scope="rowgroup",e.colSpan=
pn,t.append(e),t}function gn([,n,t,e,s,o],r,a,i){
let c=l("tr");if(i){let k=l("th",`${n} `);
[k.scope,k.rowSpan,k.title]=["row",i,t],
k.append(l("span",e,"soft")),c.append(k)}
let d=l("td");o&&d.append(xn(`${o} ${r.strip[a]}`));
let h=!!r.estimated[a],f=r.low[a]!==null&&
r.high[a]!==null?`${et(r.low[a])} to ${et(
r.high[a])}`:"–",x=l("td",`${h?"about ":
""}${et(r.value[a])}`),v=[h?"estimate":f,
r.rank[a]||"–",et(r.intact[a])];return c.
append(l("td",y(s)||"–"),x,d,...v.map(
k=>l("td",k))),c}var et=n=>N(n===null?null:
n/1e3);function xn(n){let[t,e,s,o]=n.split(
" "),r=m("svg",{class:"strip","aria-hidd\
en":"true"});return r.append(m("path",{class:"\
band",d:`M${t.replace("H"," 6H")}`})),e!==
"-"&&r.append(m("path",{d:`M${e} 0v12`})),
s!=="-"&&r.append(m("path",{class:"ci",d:`\
M${s.replace("H"," 6H")}`})),r.append(m(
"path",{class:"at",d:`M${o} 6h0`})),r}function Gt(n,t,e){let o={first:0,small:t.
reduce((r,{rows:a})=>r+a,0),large:n.length};
return t.map(r=>yn(n,r,e,o))}function yn(n,{
rows:t,columns:e},s,o){let r=new Int16Array(
t*e).fill(-1);for(let a=0;a<t;a++){let i=a*
e,c=i+(s?Math.min(a+1,e):e),d=0;for(let h=i+
1;h<c;h++){let f=a>0&&(r[h-e]>=4||h>i+1&&
r[h-e-1]>=4)||h>i+1&&r[h-1]>=4;r[h]=n[f?
--o.large:o.small++],d+=r[h]}r[i]=n[o.first++]+
255-d&255}return r}async function nt(n){let t=new Uint16Array(
n.length),e=0;for(let r=1;r<n.length;r++){
let a=n.charCodeAt(r);t[e++]=a===57344?n.
charCodeAt(++r)^32768:a}let s=new Uint8Array(
t.buffer,0,2*e-Number(n[0])),o=new Blob(
[s]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function bt(n){let t=await nt(
n),e=4+new DataView(t.buffer).getUint32(
0,!0),[s,o,r]=JSON.parse(new TextDecoder().
decode(t.subarray(4,e))),a=o*r,i=new Float64Array(
a);for(let d=t.length;d>e;d-=a||d)for(let h=0;h<
a;h++)i[h]=256*i[h]+t[d-a+h];let c=Array.
from({length:r},(d,h)=>Array.from(i.subarray(
h*o,(h+1)*o),kn));return{facts:s,columns:c}}
var kn=n=>n===0?null:n%2?(n-1)/2:-n/2;var Xt=()=>window.headatlas.data.layers;
function V(){let n=document.querySelector(
"h1")?.textContent?.trim().replace(/H\d+$/,
"")??"";return Xt()?.layers[n]}async function Vt(n=Xt()){
if(!n)return null;let[t,e]=await Promise.
all([nt(n.tables),bt(n.scores)]);return{
...JSON.parse(new TextDecoder().decode(t)),
scores:bn(e)}}function bn({facts:[n,t,e],
columns:s}){let o=Object.fromEntries(n.map(
(i,c)=>[i,s[c]])),r=Array.from(o.queries.
keys()),a=i=>{let c=r.filter(h=>h%t.length===
i&&o.queries[h]!==null),d=Object.fromEntries(
n.map(h=>[h,c.map(p=>o[h][p])]));return{
...d,pattern:c.map(h=>Math.floor(h/t.length)),
rival:d.rival.map(h=>h===null?null:e[h])}};
return Object.fromEntries(t.map((i,c)=>[
i,a(c)]))}function Yt({probes:n,parts:t,
heads:e},s){return(e[s]??[]).map(([o,...r])=>{
let a=[];for(let i=0;i<r.length;i+=2)a.push(
[...t[r[i]],r[i+1]]);return[...n[o],a]})}
function vt(n,t=V()){let e=t?.maps[n];return t&&
e?t.kept[e[0]]:[]}var At=(n,t=V())=>t?.rests[n]??
[];function Jt(n){return n!==null?[...vt(
n)]:Array.from(new Set(V()?.kept.flat()??
[]))}function $t(n,t=V()){return Object.
keys(t?.maps??{}).filter(e=>vt(e,t).includes(
n))}var Kt=new Map;async function Mt(n,t,e,s=V()){
if(n==="mean")return An(await Promise.all(
$t(t,s).map(c=>Mt(c,t,e,s))));let[o,r]=[
vt(n,s),s.maps[n][1]],a=Kt.get(r)??vn(r,
o,e,s.causal);Kt.set(r,a);let i=(await a)[o.
indexOf(t)].slice();return{...e[t],weights:i,
rests:At(t,s)}}async function vn(n,t,e,s){
let o=await nt(n);return Gt(o,t.map(r=>e[r]),
s)}function An(n){let[{rows:t,columns:e,
rests:s}]=n,o=new Int16Array(t*e);for(let r=0;r<
o.length;r++){let a=n.reduce((c,d)=>c+d.
weights[r],0)/n.length,i=Math.round(a);o[r]=
i-a===.5&&i%2?i-1:i}return{rows:t,columns:e,
weights:o,rests:s}}var St="../../",$n="The nearest heads of\
 this atlas; a difference leads to both \
side by side. It is the distance of ",Mn="\
, a root mean square over all that both \
were measured on: scores above chance, a\
nd attention by distance.";function Qt(n,t){
let e=l("th","Labels");e.scope="col",g("\
thead th",n).after(e),b(HTMLTableRowElement,
"tbody tr",n).forEach((o,r)=>{let[a,i]=Array.
from(o.cells),[c,d]=t[r],h=g("a",a);c&&a.
prepend(En(c)," ");let p=l("td"),f=l("ul",
"","chips");f.append(...d.map(Tn)),d.length&&
p.append(f),a.after(p),i.replaceChildren(
Sn(n,h,i.textContent??""))});let s=l("p",
$n,"caption");s.append(l("code","headatl\
as similar"),Mn),n.after(s)}function Sn({
dataset:n},t,e){let s=String(n.near),[o,
,r]=new URL(t.href).pathname.split("/").
slice(-3),a=`${decodeURIComponent(o)}/${r.
replace(".html","")}`,i=A(e,`${St}heads.\
html#a=${s}&b=${a}`);return i.title=`${s.
split("/")[1]} and ${t.textContent} side\
 by side`,i}function En([n,t,e,s,o,r,a]){
let i={class:"small-map",width:o,height:o,
viewBox:`${e} ${s} ${o} ${o}`},c=m("svg",
{...i,role:"img","aria-label":n});return c.
append(m("image",{href:St+t,width:r,height:a})),
c}function Tn([n,t,e,s,o]){let r=l("li",
"",`chip ${e}`);return o&&(r.title=o),r.
append(s?A(n,`${St}patterns/${s}.html`):
n),t&&r.append(" ",l("b",t)),r}var _n=/^[-–+\d.]+$/;function st(n){let t=l(
"tr");return t.append(...n.map((e,s)=>{let o=Zt(
e,"col");return typeof e=="string"&&s>0&&
(o.className="n"),o})),t}function ot([n,
...t]){let e=l("tr");return e.append(Zt(
n,"row"),...t.map(Ln)),e}function Zt(n,t){
let e=l("th");return e.scope=t,e.append(
n),e}function Ln(n){let t=l("td");return typeof n==
"string"&&_n.test(n)&&(t.className="n"),
t.append(n),t}var On=["Label","Confidence","Score","95\
% interval","Two halves","Chance","Habit\
 alone","Wrong keys","Explained","Streng\
th","Holds","Probe"],Cn="A label claims \
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
nes as at the wrong ones. ",In=5;function ee(n,t){
let e=l("table","","data scores"),[s,o]=[
l("thead"),l("tr")];for(let[i,c]of On.entries()){
let d=l("th",c,[0,8,10,11].includes(i)?"":
"n");d.scope="col",o.append(d)}s.append(
o),e.append(s,...t.map(Nn));let r=l("div",
"","scroll");Object.assign(r,{role:"regi\
on",ariaLabel:"Table of reasons",tabIndex:0}),
r.append(e);let a=l("p",Cn,"caption");a.
append(A("How confidence is calibrated",
"../../methods.html#label"),"."),n.append(
r,a)}function Nn([n,t,e,s,o,r,a,i,c,d]){
let[h,p,f,x,v,k,I,P,rn]=o.map(te),an=r&&
(o[8]??0)>=In?`, mostly ${y(r)}`:"",Dt=l(
"tbody","",e);return Dt.append(ot([t?A(y(
n),`../../patterns/${t}.html`):y(n),l("b",
s||"–"),h,o[1]===null?"–":`${p}–${f}`,
`${x}, ${v}`,k,I,P,l("span",`${rn}${an}`),
l("b",te(a)),i||"–",d?A(y(c),`../../pr\
obes/${d}.html`):y(c)])),Dt}var te=n=>N(
n===null?null:n/1e3);function se(n,t){if(!t)return n.append(l(
"p","The scan kept no heatmaps to count \
in."));let[e,s,o,r]=t;if(!r.length)return n.
append(l("p","No token stands out, or al\
l of its attention rests."));let a=l("ta\
ble","","data token-shares"),[i,c]=[l("t\
head"),l("tbody")];i.append(st(["Token",
"Share",l("span","As a bar","hidden"),"E\
ven","Times"])),c.append(...r.map(Rn)),a.
append(i,c);let h=`Of the attention that\
 does not rest, what the queries that ma\
y look at the token spend on it, in the ${`${ne(
e,"sequence")} above (${ne(s,"token")})`}\
; even: what they would if they spread i\
t evenly. Ordered by the difference. Lef\
t out: the first position, which is the \
sink, special tokens, others where the h\
eads of the layer rest, and tokens that \
fewer than ${o} queries may look at.`;n.
append(a,l("p",h,"caption"))}function Rn([
n,t,e,s,o]){let r=l("bdi",n,"token");r.translate=
!1;let a=c=>(c/1e4).toFixed(2),i=ot([r,a(
t),"",a(e),String(s)]);i.cells[2].className=
`v${o}`;for(let c of[i.cells[3],i.cells[4]])
c.classList.add("soft");return i}var ne=(n,t)=>`${K(
n)} ${t}${n===1?"":"s"}`;function oe(n){b(HTMLDetailsElement,"[da\
ta-more]").forEach((t,e)=>{let s=l("ol",
"","wild");s.translate=!1,s.append(...n[e].
map(qn)),t.append(s)})}function qn([n,t,
...e]){let[s,o]=[l("li"),l("bdi")];for(let r of e)
typeof r=="string"?o.append(r):o.append(
l(r[2]?"b":"mark",r[0],r[1]));return s.append(
t?A(n,`#${t}`):n," ",o),s}var re=100,Hn=3,ae="Score, interval, cha\
nce",Pn=["Pattern","Score",ae,"95% inter\
val","Sink-free","Chance","Null","q","St\
rongest rival","Rank","Queries","Probe"],
Dn="Dot: score. Bar: 95% bootstrap inter\
val over sequences. Upright line: chance\
. Null: the same attention against the t\
argets of shuffled tokens. q: one-sided \
p-value against chance, corrected over a\
ll heads. Strongest rival: the pattern t\
hat could explain the score and that the\
 head follows most. Scales run from 0 to\
 1, for distances to the model's largest\
 value.";async function ie(){let n=document.
querySelector("[data-head]")?.dataset.head,
t=n?await Vt():null;if(!(n&&t))return;let[
e,s,o]=["scores","evidence","near"].map(
Fn);Ut(rt("distances"),t.looks[n].distances),
se(rt("tokens"),t.looks[n].tokens),oe(t.
wild[n]),t.why[n].length&&ee(g("details",
rt("why")),t.why[n]),o&&Qt(o,t.similar[n]),
e&&Wn(e,t),s&&zt(s,t.evidence);let r=document.
querySelector("[data-budget-bar]"),a=Yt(
t.budgets,n);r&&a.length&&r.replaceWith(
de(a[0][2])),a.length&&Gn(a)}var Fn=n=>document.
querySelector(`table[data-${n}]`),rt=n=>g(
`#${n}`).closest("section");function ce(n,t=""){
let e=l("tbody","",t);return e.append(...n),
e}function Wn(n,{patterns:t,scores:e}){let s=e[String(
n.dataset.scores)],o=new Map;s.pattern.forEach(
(a,i)=>{let c=t[a][3];o.set(c,[...o.get(
c)??[],jn(t[a],s,i)])}),n.classList.add(
"all-scores"),n.replaceChildren(Bn(n),...Array.
from(o,([a,i])=>ce(i,a))),n.closest(".sc\
roll")?.after(l("p",Dn,"caption"));let r=document.
querySelector("[data-of-all]");r&&(r.textContent=
r.getAttribute("data-of-all"))}function Bn({
dataset:n}){let t=l("thead");return t.append(
he(Pn.map((e,s)=>{let o=s>0&&![ae,"Stron\
gest rival","Probe"].includes(e),r=l("th",
e==="Rank"?`Rank of ${n.heads}`:e,o?"n":
"");return r.scope="col",r}))),t}function jn([
n,t,,,e,s],o,r){let a=p=>N(Un(p[r])),i=l(
"td");o.score[r]!==null&&i.append(zn(o,r,
s));let c=l("td",a(o.score)),d=[o.low[r]===
null?"–":`${a(o.low)}–${a(o.high)}`,
a(o.free),a(o.chance),a(o.null),o.q[r]===
0?"< .001":a(o.q),o.rival[r]?`${y(String(
o.rival[r]))} ${a(o.rival_score)}`:"–",
o.rank[r]===null?"–":K(Number(o.rank[r])),
K(o.queries[r]),y(e)],h=A(y(n),`../../pa\
tterns/${t}.html`);return le(h,[c,i,...d.
map(p=>l("td",p))])}function le(n,t){let e=l(
"th");return e.scope="row",e.append(n),he(
[e,...t])}var Un=n=>n===null?null:n/1e3;
function zn(n,t,e){let s=i=>Math.round(Math.
min(Math.max(re*(i??0)/1e3/e,0),re)),o=m(
"svg",{class:"bar","aria-hidden":"true"}),
r=n.chance[t]===null?"":`M${s(n.chance[t])}\
 0v12`,a=n.low[t]===null?"":`M${s(n.low[t])}\
 6H${s(n.high[t])}`;return o.append(...[
r,a,`M${s(n.score[t])} 6h0`].map(i=>m("p\
ath",{d:i}))),o}function he(n){let t=l("\
tr");return t.append(...n),t}function Gn(n){
let t=l("table","","data budgets"),e=l("\
thead");e.append(st(["Probe",l("span","A\
ll of its attention"),"On the sink",l("s\
pan","Named")])),t.append(e,ce(n.map(Kn)));
let s=l("div","","scroll");Object.assign(
s,{role:"region",ariaLabel:"Table of bud\
gets",tabIndex:0}),s.append(t),g("detail\
s",rt("budget")).append(s,l("p","Grey: t\
he sink, which is the first position; pa\
ler, other positions on which the heads \
of the layer rest. Coloured: patterns, b\
y their strength. White: what no pattern\
 explains.","caption"))}function Kn([n,t,
e]){let s=y(n),o=l("td");o.append(de(e));
let r=d=>(d/1e4).toFixed(2),i=e.slice(1,
-1).slice(0,Hn).map(([d,,h])=>`${y(d)} ${r(
h)}`).join(", ")||"–",c=t?A(s,`../../p\
robes/${t}.html`):document.createTextNode(
s);return le(c,[o,l("td",r(e[0][2]),"n"),
l("td",i,"soft")])}function de(n){let e=m(
"svg",{class:"budget",...{width:320,height:14,
viewBox:"0 0 100 14",preserveAspectRatio:"\
none"},"aria-hidden":"true"}),s=0;for(let[
o,r,a]of n){let i=m("rect",{class:r,x:s/
100,width:Math.max(a,0)/100,height:14});
i.append(m("title",{},`${y(o)} ${(a/1e4).
toFixed(2)}`)),e.append(i),s+=a}return e}function F(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var w={
read:n=>n??"",write:n=>n},W={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},Xn={read:n=>({column:(n||"hea\
d").replace(/^-/,""),down:n?.startsWith(
"-")??!1}),write:({column:n,down:t})=>n===
"head"&&!t?"":(t?"-":"")+n},Vn={read:n=>n?
n.split(","):null,write:n=>n?n.join()||"\
none":""},Yn={read:n=>(n??"").split(",").
filter(Boolean).map(Jn),write:n=>n.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function Jn(n){let t=n.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var _=class{constructor(t){
this.fields=t}read(){let{choices:t}=pe(),
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
addEventListener("hashchange",()=>{(e||!L())&&
t()})}};function pe(){let n=location.hash.
slice(1),[t,...e]=n.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):n)}}function L(){let{anchor:n}=pe(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var ue={view:F("matrix","t\
ext","arcs"),direction:F("to","from"),scale:F(
"linear","root"),sink:F("","show","hide"),
row:W,column:W},O=new _(ue),Ao=new _({a:w,
b:w,text:w,...ue}),$o=new _({pattern:w,probe:w,
value:F("score","sinkfree"),scale:F("ful\
l","fit"),label:w}),Mo=new _({text:w,label:w,
probe:w,from:w,to:w,sort:Xn,columns:Vn,range:Yn,
page:W}),So=new _({x:w,y:w}),Eo=new _({by:w,
through:w,from:w,to:w,head:w,least:W}),To=new _(
{a:w,b:w,pattern:w}),_o=new _({picture:w,
head:w,step:W,word:W});var fe=n=>Array.from({length:256},(t,e)=>Number.
parseInt(n.slice(6*e,6*e+6),16)),at=fe(window.
headatlas.light),Qn=fe(window.headatlas.
dark),me=new Map(at.map((n,t)=>[n,t])),we=matchMedia(
"(prefers-color-scheme: dark)"),ge=[],xe=!1,
Tt=()=>we.matches&&!xe?Qn:at,Y=at,ye=n=>ge.
push(n);function ke(){for(let n of ge)n()}
we.addEventListener("change",ke);for(let[
n,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(n,()=>{xe=t,ke()});
var _t=n=>`#${n.toString(16).padStart(6,
"0")}`,J=(n,t)=>Math.round(255*(t?Math.sqrt(
n):n));function it(n,t,e=Tt()){let s=e[J(
Math.min(Math.max(n,0),1),t)],o=Zn(s)>.179;
return{background:_t(s),color:o?"#000":"\
#fff"}}function Zn(n){let[t,e,s]=Et(n).map(
o=>{let r=o/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*s}var Et=n=>[16,8,0].map(t=>n>>t&
255);function be(n){let t=me.get(n);return t===
void 0&&(t=ts(n),me.set(n,t)),t}function ts(n){
let t=Et(n),e=at.map(s=>Et(s).reduce((o,r,a)=>o+
(r-t[a])**2,0));return e.indexOf(Math.min(
...e))}var ve="headatlas-sink";function Ae(){try{
let n=localStorage.getItem(ve);return n===
"hide"||n==="show"?n:""}catch{return""}}
function $e(n){try{localStorage.setItem(
ve,n?"hide":"show")}catch{}}var Me=4,Ot=class{constructor(t){this.form=
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
let[t,e]=[this.#t(),Ae()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let s of this.form?.querySelectorAll(
"[data-direction]")??[])s.toggleAttribute(
"hidden",t==="arcs");for(let s of document.
querySelectorAll(".scale"))s.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((s,o)=>{
let r=e?(o/Me)**2:o/Me;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let o=this.#t();o&&s===o&&$e(o.checked),
t()}),this.form?.addEventListener("click",
s=>{let o=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;o&&e(o)})}};
function Te(){let n=document.querySelector(
".map-controls");return n&&es(n),new Ot(
n)}function es(n){let t=n.dataset.offers?.
split(" ")??[];t.includes("views")&&(n.append(
Ee("View","view",["matrix","text","arcs"]),
Ee("Direction","direction",["to","from"],
["looks at","is looked at by"])),n.children[1].
toggleAttribute("data-direction",!0));let e=l(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=l("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],n.append(Lt("label",
"Colour scale ",e),Lt("label",s," set th\
e sink aside")),t.includes("saves")&&n.append(
Lt("span","Download ",Se("svg")," ",Se("\
png")))}function Lt(n,...t){let e=l(n,"",
"control");return e.append(...t),e}function Se(n){
let t=l("button",n.toUpperCase());return t.
type="button",t.dataset.save=n,t}function Ee(n,t,e,s=e){
let o=l("fieldset","","choice");return o.
append(l("legend",n,"hidden")),e.forEach(
(r,a)=>{let[i,c]=[l("label"),l("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,a===0],i.append(c,s[a]),o.append(
i)}),o}async function ct(n,t,e){await n.decode();
let s=l("canvas");[s.width,s.height]=[e,
t];let o=S(s,{read:!0});o.drawImage(n,0,
0,e,t);let r=o.getImageData(0,0,e,t).data,
a=new Int16Array(t*e);for(let i=0;i<a.length;i++){
let c=r[4*i]<<16|r[4*i+1]<<8|r[4*i+2];a[i]=
r[4*i+3]<128?-1:be(c)}return{rows:t,columns:e,
weights:a}}function _e({rows:n,columns:t,
weights:e,rests:s=[]}){let o=new Set([0,
...s]),r=new Int16Array(e.length);for(let a=0;a<
n;a++){let i=e.subarray(a*t,(a+1)*t),c=i.
reduce((p,f)=>p+Math.max(f,0),0),d=c;for(let p of o)
d-=Math.max(i[p],0);let h=p=>d<3?0:Math.
round(p*c/d);r.set(i.map((p,f)=>p<0||o.has(
f)?-1:h(p)),a*t)}return{rows:n,columns:t,
weights:r}}function lt(n,t,e,s=Tt()){[t.
width,t.height]=[n.columns,n.rows];let o=S(
t,{read:!0}),r=o.createImageData(n.columns,
n.rows),a=new Uint32Array(r.data.buffer),
i=Uint32Array.from({length:256},(c,d)=>{
let h=s[J(d/255,e)];return(4278190080|(h&
255)<<16|h&65280|h>>16)>>>0});n.weights.
forEach((c,d)=>{c>=0&&(a[d]=i[Math.min(c,
255)])}),o.putImageData(r,0,0)}var Q=n=>(n/
255).toFixed(3),Le=n=>n<0?null:n/255;function ht({
columns:n,weights:t},e){return Array.from(
t.subarray(e*n,(e+1)*n),Le)}function Oe({
rows:n,columns:t,weights:e},s){return Array.
from({length:n},(o,r)=>Le(e[r*t+s]))}var ns=5,ss=.02,$=130,C=260,B=2*$+C,Ct=4,
os=8e3,Ce=15,rs='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',dt=class{constructor(t,e,s){
this.rows=t,this.columns=e;let o=Math.max(
t.length,e.length);this.pitch=It(o),this.
height=o*this.pitch+2*Ct,this.ratio=Math.
min(devicePixelRatio||1,os/this.height),
this.canvas=this.#t(),this.#e(s)}#t(){let{
ratio:t,height:e}=this,s=l("canvas","","\
arcs");return[s.width,s.height]=[Math.round(
B*t),Math.round(e*t)],[s.style.width,s.style.
aspectRatio]=[E(B),`${B} / ${e}`],s.setAttribute(
"role","img"),s.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),s}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#n(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
s]=this.#n(e);s>=0&&t.pin(s)})}#n(t){let e=B/
this.canvas.clientWidth,s=Math.floor((t.
offsetY*e-Ct)/this.pitch);return t.offsetX*
e>B/2?[-1,T(s,this.columns.length)]:[T(s,
this.rows.length),-1]}draw(t,e,s,o){let r=S(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,B,this.
height),r.strokeStyle=Ie("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let a of Rt(
t,e,s))r.globalAlpha=pt(a.weight,o),this.#s(
r,a.query,a.key);r.globalAlpha=1,this.pitch>=
10&&this.#a(r,e,s)}#s(t,e,s){let[o,r,a]=[
$,$+C,$+C/2],[i,c]=[this.#o(e),this.#o(s)];
t.beginPath(),t.moveTo(o,i),t.bezierCurveTo(
a,i,a,c,r,c),t.stroke()}#o(t){return Ct+
(t+.5)*this.pitch}#a(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${rs}`,t.textBaseline=
"middle",t.textAlign="right",this.#i(t,this.
rows,$-6,e),t.textAlign="left",this.#i(t,
this.columns,$+C+6,s)}#i(t,e,s,o){let[r,
a]=[getComputedStyle(document.body).color,
Ie("--soft")];e.forEach((i,c)=>{t.fillStyle=
o<0||o===c?r:a,t.fillText(Nt(i),s,this.#o(
c),$-8)})}};function It(n){return n<=60?
19:n<=200?12:Math.max(2,Math.floor(3e3/n))}
function Nt(n){return n.length>Ce?`${n.slice(
0,Ce-1)}…`:n}var pt=(n,t)=>Math.min(t?
Math.sqrt(n):n,1);function Rt(n,t,e){return(t>=
0?[t]:Array.from({length:n.rows},(o,r)=>r)).
flatMap(o=>as(n,o,t>=0,e).map(([r,a])=>({
query:o,key:a,weight:r})))}function as(n,t,e,s){
let o=ht(n,t).map((r,a)=>[r??0,a]).filter(
([r])=>r>ss);return e?o:s>=0?o.filter(([
,r])=>r===s):o.sort((r,a)=>a[0]-r[0]).slice(
0,ns)}var Ie=n=>getComputedStyle(document.
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
scale_room:56};function qt(n,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(n),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var cs=3,ls=8e3;function j(n,t){let e=m("svg",{"font-fam\
ily":u.font,"font-size":t,fill:u.ink}),{
title_x:s,title_y:o,title_size:r,title_weight:a}=u;
return e.append(m("text",{x:s,y:o,"font-\
size":r,"font-weight":a},n)),e}var U=n=>u.
title_x+u.title_letter_width*Array.from(
n).length;function z(n,t,e){let{scale_steps:s,
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
n}async function Ne(n,t,e){let s=new XMLSerializer().
serializeToString(n),o=`${Bt(t)}.${e}`;return e===
"svg"?qt(new Blob([s],{type:"image/svg+x\
ml"}),o):(await hs(s,Number(n.getAttribute(
"width")),Number(n.getAttribute("height")))).
toBlob(a=>a&&qt(a,o))}async function hs(n,t,e){
let s=new Image;s.src=`data:image/svg+xm\
l;charset=utf-8,${encodeURIComponent(n)}`,
await s.decode();let o=l("canvas"),r=Math.
min(cs,ls/Math.max(t,e));return[o.width,
o.height]=[Math.round(t*r),Math.round(e*
r)],S(o).drawImage(s,0,0,o.width,o.height),
o}var qe="#1d4f91",ds="#5d6167",ps=10;function He({
weights:n,rows:t,columns:e,title:s,squareRoot:o,
query:r,key:a}){let i=Math.max(t.length,
e.length),c=It(i),d=u.title_room,h=I=>d+
(I+.5)*c,p=j(s,u.font_size);p.append(us(
Rt(n,r,a),h,o)),c>=ps&&(p.append(Re(t,$-
6,"end",h,r)),p.append(Re(e,$+C+6,"start",
h,a)));let f=d+i*c+u.scale_gap,x=u.scale_step_width,
v=I=>({width:x,fill:qe,"fill-opacity":pt(
I,o)});p.append(z($,f,v));let k=Math.max(
2*$+C,U(s)+u.right_margin);return G(p,k,
f+u.scale_room-u.scale_gap)}function us(n,t,e){
let s=m("g",{fill:"none",stroke:qe,"stro\
ke-width":2}),[o,r,a]=[$,$+C,$+C/2];for(let{
query:i,key:c,weight:d}of n){let[h,p]=[t(
i),t(c)],f=`M${o} ${h}C${a} ${h} ${a} ${p}\
 ${r} ${p}`;s.append(m("path",{d:f,"stro\
ke-opacity":Number(pt(d,e).toFixed(3))}))}
return s}function Re(n,t,e,s,o){let r=m(
"g",{"font-family":u.token_font,"text-an\
chor":e});return n.forEach((a,i)=>{let c=o<
0||o===i?u.ink:ds;r.append(m("text",{x:t,
y:s(i)+u.baseline,fill:c},Nt(a)))}),r}function De(n){let{rows:t,columns:e,title:s,
squareRoot:o}=n,r=ms(t,e),a=j(s,u.font_size),
i=r.top+r.height+u.scale_gap,c=z(r.left,
i,p=>({fill:ut(p,o)}));a.append(ws(n,r),
gs(t,e,r),c);let h=Math.max(r.left+Math.
max(r.width,u.min_width),U(s))+u.right_margin;
return G(a,h,r.top+r.height+u.scale_room)}
function ms(n,t){let e=Math.max(n.length,
t.length)>u.max_cells,s=e?u.small_cell:u.
cell,o=i=>e?u.number_room:fs(i),[r,a]=[o(
n),o(t)+u.title_room];return{long:e,cell:s,
left:r,top:a,width:t.length*s,height:n.length*
s}}function fs(n){let t=Math.max(...n.map(
e=>Fe(e).length));return u.token_margin+
u.letter_width*t}function Fe(n){return n.
length>u.max_letters?`${n.slice(0,u.max_letters-
1)}…`:n}function ws({weights:n,squareRoot:t},{
long:e,cell:s,left:o,top:r,width:a,height:i}){
let c=m("g",{transform:`translate(${o} ${r}\
)`,"shape-rendering":"crispEdges"});if(e){
let d=l("canvas");return lt(n,d,t,Y),c.append(
m("image",{href:d.toDataURL(),width:a,height:i,
style:"image-rendering: pixelated"})),c}
return n.weights.forEach((d,h)=>{if(d<0)
return;let[p,f]=[h%n.columns*s,Math.floor(
h/n.columns)*s];c.append(m("rect",{x:p,y:f,
width:s,height:s,fill:ut(d/255,t)}))}),c}
var ut=(n,t)=>_t(Y[J(n,t)]);function gs(n,t,{
long:e,cell:s,left:o,top:r}){let{token_gap:a,
baseline:i}=u,c=m("g",{"font-family":u.token_font});
for(let[d,h]of Pe(n,e)){let p=r+(d+.5)*s+
i;c.append(m("text",{x:o-a,y:p,"text-anc\
hor":"end"},h))}for(let[d,h]of Pe(t,e)){
let p=o+(d+.5)*s+i;c.append(m("text",{transform:`\
translate(${p} ${r-a}) rotate(-90)`},h))}
return c}function Pe(n,t){let e=n.map((s,o)=>[
o,t?String(o):Fe(s)]);return t?e.filter(
([s])=>s%u.number_step===0):e}var je=640,Ue=20,We=16,ze=2,Be=12;function Ge(n,t,e){
let s=j(t,u.font_size),o=u.title_room+u.
title_x;for(let a of n){let i=xs(a.tokens,
o),c=m("g",{"font-family":u.token_font});
c.append(...a.tokens.flatMap((d,h)=>ys(d,
i[h],a,h,e))),s.append(c),o=(i.at(-1)?.y??
o)+Ue+Be}s.append(z(u.title_x+Be,o,a=>({
fill:ut(a,e)})));let r=Math.max(je,U(t))+
u.right_margin;return G(s,r,o+u.scale_room-
u.scale_gap)}function xs(n,t){let e=S(l(
"canvas"));e.font=`${u.font_size}px ${u.
token_font}`;let[s,o]=[u.title_x,t];return n.
map(r=>{let a=e.measureText(r).width+2*ze;
s+a>je&&s>u.title_x&&([s,o]=[u.title_x,o+
Ue]);let i={x:s,y:o,width:a};return s+=a+
1,i})}function ys(n,{x:t,y:e,width:s},{weights:o,
chosen:r},a,i){let c=o?.[a]??null,d=c===
null?null:it(c,i,Y),h=a===r?{stroke:u.ink,
"stroke-width":1.5}:{},p=m("rect",{x:t,y:e,
width:s,height:We,fill:d?.background??u.
paper,...h}),f=d?.color??u.ink;return[p,
m("text",{x:t+ze,y:e+We/2+u.baseline,fill:f},
n)]}function Ke(n,t,e,s){let{view:o}=t,{query:r,
key:a}=n.current(),i=o==="matrix"?"":bs(
n,r,a),c=ks(n,t,i?`${e}: ${i}`:e),d=o===
"matrix"?[]:[o,r>=0?`row ${r}`:a>=0?`col\
umn ${a}`:""];return Ne(c,[e,...d].filter(
Boolean).join(", "),s)}function ks(n,{view:t,
squareRoot:e},s){let{rows:o,columns:r}=n,
a=n.maps[0].shown;return t==="text"?Ge(n.
shadedTexts(),s,e):t==="arcs"?He({weights:a,
rows:o,columns:r,title:s,squareRoot:e,...n.
arcsShown()}):De({weights:a,rows:o,columns:r,
title:s,squareRoot:e})}function bs(n,t,e){
return t>=0&&(n.readsRows()||e<0)?`what ${n.
rows[t]} ${t} looks at`:e>=0?`who looks \
at ${n.columns[e]} ${e}`:""}var q=Object.freeze({query:-1,key:-1}),M=n=>n.
query<0&&n.key<0,H=n=>n.query>=0&&n.key>=
0,vs=["kept","row","column","cell","row-\
tag","column-tag"],mt=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
As(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(vs.map(o=>[o,$s(o)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=l("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?_e(this.measured):
this.measured,lt(this.shown,this.canvas,
e)}cellAt(t){let{rows:e,columns:s}=this.
shown;return{query:T(Math.floor(t.offsetY/
this.canvas.clientHeight*e),e),key:T(Math.
floor(t.offsetX/this.canvas.clientWidth*
s),s)}}start(){let{rows:t,columns:e,weights:s}=this.
shown,o=s.subarray(e*(t-1),e*t);return{query:t-
1,key:o.indexOf(Math.max(...o))}}weightAt({
query:t,key:e}){return this.shown.weights[t*
this.shown.columns+e]}strongest({query:t,
key:e}){let{rows:s,columns:o}=this.shown,
r=Array.from({length:t>=0?o:s},(c,d)=>t>=
0?{query:t,key:d}:{query:d,key:e}),a=r.map(
c=>this.weightAt(c)),i=Math.max(...a);return i>
0?r[a.indexOf(i)]:q}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":Q(e)}mark(t,e,s){
let{rows:o,columns:r}=this.shown,{query:a,
key:i}=t,c=this.#s();this.#e("row",a>=0,
[0,a,r,1],c),this.#e("column",i>=0,[i,0,
1,o],c),this.#e("cell",H(t),[i,a,1,1],c);
let d=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,o];this.#e("kept",!M(e),d,c),this.#n(
"row-tag",s.row),this.#n("column-tag",s.
column),this.marks["row-tag"].style.top=
E(c.top+(a+.5)*c.height),this.marks["col\
umn-tag"].style.left=E(c.left+(i+.5)*c.cell)}#e(t,e,[
s,o,r,a],{cell:i,height:c,left:d,top:h}){
let p=this.marks[t];p.hidden=!e,p.style.
left=E(d+s*i),p.style.top=E(h+o*c),p.style.
width=E(r*i),p.style.height=E(a*c)}#n(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(l("bdi",e))}#s(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:o}=this.canvas;return{cell:s/
this.shown.columns,height:o/this.shown.rows,
left:t,top:e}}};function As(n,{rows:t,columns:e},s){
let o=l("canvas","","pixels");return o.style.
setProperty("--rows",String(t)),o.style.
setProperty("--columns",String(e)),o.tabIndex=
0,o.setAttribute("role","application"),o.
setAttribute("aria-roledescription","hea\
tmap"),o.setAttribute("aria-label",`${n}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),o.setAttribute("aria-d\
escribedby",s),o}function $s(n){let t=l(
"div","",`mark-${n}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var Ms=[255,120,0],Ss=.8;async function Xe(n){
let t=new Image;t.src=n,await t.decode();
let e=l("canvas");[e.width,e.height]=[t.
naturalWidth,t.naturalHeight];let s=S(e,
{read:!0});return s.drawImage(t,0,0),s.getImageData(
0,0,e.width,e.height)}function Ve(n,t,[e,
s],o){let{width:r,height:a,data:i}=t;[n.
width,n.height]=[r,a];let c=S(n);if(!o)return c.
putImageData(t,0,0);let d=Math.max(...Array.
from(o))||1,h=c.createImageData(r,a);for(let p=0;p<
a;p++){let f=s*Math.floor(p*e/a);for(let x=0;x<
r;x++){let v=4*(p*r+x),k=.299*i[v]+.587*
i[v+1]+.114*i[v+2],I=Ss*o[f+Math.floor(x*
s/r)]/d;for(let P=0;P<3;P++)h.data[v+P]=
k*(1-I)+Ms[P]*I;h.data[v+3]=255}}c.putImageData(
h,0,0)}function Ye(n,[t,e],s){n.hidden=s<
0,n.style.setProperty("inset-block-start",
`${100*Math.floor(s/e)/t}%`),n.style.setProperty(
"inset-inline-start",`${100*(s%e)/e}%`),
n.style.width=`${100/e}%`,n.style.height=
`${100/t}%`}var ft=class n{static async of(t){let e=t.
closest(".example")?.querySelector(".ove\
rlays .pointed");if(!(e instanceof HTMLElement))
return null;let s=g("img, canvas",e);return(s instanceof
HTMLImageElement?await n.#t(e,s):Je.get(
e))??null}static async#t(t,e){let s=new n(
t,await Xe(e.src));return e.replaceWith(
s.canvas),t.hidden=!1,Je.set(t,s),s}constructor(t,e){
let{rows:s,columns:o,queries:r,keys:a}=t.
dataset;this.pixels=e,this.grid=[Number(
s),Number(o)],this.queries=Number(r),this.
keys=Number(a),this.canvas=l("canvas"),this.
canvas.setAttribute("aria-hidden","true"),
this.spot=g(".spot",t),this.words=g("p",
t),this.hint=this.words.textContent??""}show(t,{
query:e,key:s},{rows:o,columns:r}){let a=this.
grid[0]*this.grid[1],i=e>=0&&this.keys>=
0,c=!i&&s>=0&&this.queries>=0,d=Array.from(
{length:i||c?a:0},(f,x)=>{let[v,k]=i?[e,
this.keys+x]:[this.queries+x,s];return Math.
max(0,t.weights[v*t.columns+k])});Ve(this.
canvas,this.pixels,this.grid,d.length?d:
null);let h=e>=0&&this.queries>=0?e-this.
queries:s-this.keys,p=(e>=0?this.queries:
this.keys)>=0&&h>=0&&h<a;Ye(this.spot,this.
grid,p&&(e>=0||s>=0)?h:-1),this.words.textContent=
this.hint,i&&(this.words.textContent=`Wh\
ere ${o[e]} looks`),c&&(this.words.textContent=
`From where ${r[s]} is looked at`)}},Je=new WeakMap;var Qe={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
Es="Point at a map: all show the same pa\
ir of tokens.",wt=class{constructor(t,e,s,o){
this.rows=e,this.columns=s,this.many=o,this.
view="matrix",this.hint=l("span",o?Es:Qe.
matrix,"hint"),this.root=l("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
Qe[t==="text"&&!e?"text, from":t])}say(t,e,s){
M(t)?this.root.replaceChildren(this.hint):
H(t)?this.#n(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:o,key:r}=t,a=o>=0?R(this.rows[o],
o):R(this.columns[r],r),i=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(a,...this.many?
[" in every map"]:this.#e(t,s),i)}#e(t,e){
let s=e.strongest(t),o=t.query>=0;if(M(s))
return[o?" looks at nothing that is show\
n":" is looked at by none"];let r=o?R(this.
columns[s.key],s.key):R(this.rows[s.query],
s.query);return[o?" looks most at ":" is\
 looked at most by ",r,", ",l("b",Q(e.weightAt(
s)))]}#n(t,e){let{query:s,key:o}=t,[r,a]=[
R(this.rows[s],s),R(this.columns[o],o)];
this.root.replaceChildren(r," → ",a,...this.#s(
t,e))}#s(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",l("b",Q(s))]}};var Z=class{constructor(t,e,s){this.on=s,
this.root=l("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(Ts),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,o){
this.spans.forEach((r,a)=>{let i=t?.[a]??
null,c=i===null?null:it(i,o);r.style.background=
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
if(t.key in o)this.spans[T(o[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function Ts(n){let t=l("bdi",n,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var Ze=9,gt=class n{#t=q;#e=q;#n=null;#s=null;#o=null;followers=[];static async start(t,e,s,o,r=ct){
let a=new n(t,e,s,o,r);await a.#a(),a.many||
a.#i(),a.#o=await ft.of(t);for(let i of a.
maps)a.#x(i);return a.repaint(),t.dataset.
ready="",a}constructor(t,{tokens:e,columns:s,
text:o},r,a,i){this.root=t,this.rows=e,this.
columns=s??e,this.twoTexts=s!==void 0,this.
text=o??e,this.many=t.classList.contains(
"multiples"),this.choices=r,this.onPin=a,
this.weightsOf=i,this.maps=[],this.readout=
new wt(`readout-${t.dataset.maps}`,this.
rows,this.columns,this.many),t.prepend(this.
readout.root)}async#a(){let t=b(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,o)=>new mt(s,e[o],this.readout.
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
return;this.#s=new dt(this.rows,this.columns,
{over:(e,s)=>this.#r({query:e,key:s}),out:()=>this.#h(),
pin:e=>this.#l({query:e,key:-1})});let t=l(
"div","","scroll arcs-view");t.append(this.#s.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#u()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=Ze)return;let o=e.clientWidth-
g(".axis-rows",e).offsetWidth-8,r=this.columns.
length;o>0&&s*r>o&&t.setProperty("--cell",
E(Math.max(Ze,Math.floor(o/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#d(M(this.#t)?
t:this.#t),this.#p()}#l(t){this.pin(tn(t,
this.#e)?q:t)}#r(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#h(){this.#r(q)}follow(t){
tn(t,this.#t)||(this.#t=t,this.#d(M(t)?this.#e:
t),this.#p())}#d(t){this.readout.say(t,!M(
this.#e),this.maps[0]);for(let e of this.
maps)M(t)?e.sayWeight(null):H(t)&&e.sayWeight(
t)}#p(){this.#w(),this.root.dataset.view===
"arcs"&&this.#g(),this.#u()}current(){return M(
this.#e)?this.#t:this.#e}#w(){if(!this.#n)
return;let[t,{squareRoot:e}]=[!M(this.#e),
this.choices()],{rows:s,columns:o}=this.#n;
this.shadedTexts().forEach(({weights:r,chosen:a},i)=>{
(i&&o?o:s).colour(r,a,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:s}=this.
maps[0],o=t>=0&&(this.readsRows()||e<0),
r=o?ht(s,t):null,a=!o&&e>=0?Oe(s,e):null;
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
mark(t,this.#e,e)}#x(t){let{canvas:e}=t;
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
e.addEventListener("keydown",s=>this.#y(
s,t))}#y(t,e){let s=this.#k(e)[t.key];!s||
D(t)||(t.preventDefault(),t.stopPropagation(),
s())}#k(t){let e=(s,o)=>()=>this.#b(t,s,
o);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#m(t),
" ":()=>this.#m(t),Escape:()=>{this.many||
this.pin(q)}}}#b(t,e,s){let{query:o,key:r}=this.#t;
H(this.#t)?this.#r({query:T(o+e,this.rows.
length),key:T(r+s,this.columns.length)}):
this.#r(t.start())}#m(t){H(this.#t)||this.#r(
t.start()),this.many||this.#l(this.#t)}},
tn=(n,t)=>n.query===t.query&&n.key===t.key;var tt=n=>n.closest(".example")?.id??"",
xt=class{constructor(t,e){this.tokens=t,
this.weightsOf=e,this.controls=Te(),this.
sets=[],this.watcher=new IntersectionObserver(
s=>this.#t(s),{rootMargin:"50%"}),this.showAddress(),
this.#n(),this.controls.listen(()=>this.#o(),
s=>this.#c(s)),ye(()=>this.#i()),addEventListener(
"resize",()=>{for(let s of this.sets)s.resize()})}start(){
let t=b(HTMLElement,".map-set"),e=L(),s=t.
find(o=>e&&tt(o)===e)??t[0];s&&this.#e(s);
for(let o of t)o!==s&&this.watcher.observe(
o)}restart(t){this.sets.length=0,this.watcher.
disconnect(),this.#e(t)}#t(t){for(let{target:e,
isIntersecting:s}of t)s&&e instanceof HTMLElement&&
(this.watcher.unobserve(e),this.#e(e))}async#e(t){
let e=this.tokens[Number(t.dataset.maps)],
s=await gt.start(t,e,()=>this.controls.choices(),
({query:o,key:r})=>this.writeAddress(tt(
t),{row:o,column:r}),this.weightsOf);t.isConnected&&
(this.sets.push(s),this.#s(s))}#n(){let{
sink:t,row:e,column:s}=O.read();!t&&this.
controls.recallSink()&&this.writeAddress(
L(),{row:e,column:s},{step:!1})}showAddress(){
this.controls.show(O.read()),this.#a()}pinAddress(){
for(let t of this.sets)this.#s(t)}#s(t){
let e=L();if(e&&e!==tt(t.root))return;let{
row:s,column:o}=O.read(),r=s<t.rows.length?
s:-1,a=o<t.columns.length?o:-1;t.keep({query:r,
key:a})}writeAddress(t,e={},s={}){O.write(
{...this.controls.state(),...e},t,s)}formatAddress(t){
return O.format(this.controls.state(),t)}#o(){
this.#a();let{row:t,column:e}=O.read();this.
writeAddress(L(),{row:t,column:e})}#a(){
this.controls.explain(),this.#i()}#i(){for(let t of this.
sets)t.repaint()}repaintSection(t){for(let e of this.
sets)tt(e.root)===t&&e.repaint()}#c(t){let e=this.
sets.find(({root:s})=>s.offsetParent!==null);
e&&Ke(e,this.controls.choices(),_s(tt(e.
root)),t)}};function _s(n){let t=document.
querySelector("h1")?.textContent?.trim()??
"",e=document.querySelector(".page-head[\
data-model]")?.getAttribute("data-model"),
s=document.querySelector("#shown-name")?.
textContent?.trim()??"",o=n&&document.querySelector(
`.examples a[href="#${n}"]`)?.getAttribute(
"title"),r=e?`${t} of ${e}`:t;return[r,r.
includes(s)?"":s,o].filter(Boolean).join(
", ")}function en(n){let t=document.querySelector(
"figure.example");if(!t)return;let e=document.
querySelector("h1")?.textContent?.trim()??
"",s=t.dataset.heads!==void 0,o=Jt(s?null:
e).sort((i,c)=>n[i].rank-n[c].rank||i-c),
r=new Map(b(HTMLElement,"figure.example").
map(i=>[Number(i.dataset.example),i])),a=null;
for(let i of o){let c=r.get(i)??Ls(i,n[i]);
a&&a.after(c),a=c;let d=s?Is(e,Number(t.
dataset.heads),i,n[i]):c!==t&&Cs(t,e,i,n[i]);
d&&c.prepend(d),c!==t&&c.append(Ns(t,c,n[i]))}
Os(o.map(i=>n[i]))}var Ht=({file:n,sequence:t})=>`${n}\
-${t}`;function Ls(n,t){let e=l("figure",
"","example");return e.id=Ht(t),e.dataset.
example=String(n),e}function Os(n){let t=document.
querySelector("nav.examples");if(t)for(let e of new Set(
n.map(s=>s.probe))){let s=l("p");s.append(
l("span",e));for(let o of n.filter(r=>r.
probe===e)){let r=A(o.name,`#${Ht(o)}`);
r.title=`${e} ${o.sequence}`,Ht(o)===t.dataset.
clearest&&(r.className="clearest"),s.append(
" ",r)}t.append(s)}}function Cs(n,t,e,s){
let o=sn(".map-set",n);o.dataset.maps=String(
e);let[r,a]=[s.cells[0],s.tall[0]];o.className=
`map-set cell-${r} step-${s.step} tall-${a}`,
g(".axis-rows",o).replaceChildren(s.axes[0]),
g(".axis-columns",o).replaceChildren(s.axes[1]);
let i=g("img.pixels",o);return i.removeAttribute(
"src"),nn(i,t,s,[r,r*a]),i.alt=`Attentio\
n of ${t} on ${s.on}`,o}function Is(n,t,e,s){
let[o,r]=[s.cells[1],s.tall[1]],a=l("div",
"",`map-set multiples cell-${o} tall-${r}`);
a.dataset.maps=String(e);let i=l("ul","",
"maps");for(let c of[...$t(e),"mean"]){let[
d,h,p,f]=[l("li"),l("p","","map-title"),
l("div","","map"),new Image],x=c==="mean";
h.append(x?`mean of ${t} head${t===1?"":
"s"}`:A(c,`../heads/${c}.html`)),f.className=
"pixels",nn(f,c,s,[o,o*r]),f.alt=x?`Mean\
 attention of ${n} on ${s.on}`:`Attentio\
n of ${c}`,p.append(f),d.append(h,p),i.append(
d)}return a.append(i),a}function nn(n,t,{
tokens:e,columns:s},[o,r]){n.dataset.map=
t,[n.width,n.height]=[(s??e).length*o,e.
length*r]}function Ns(n,t,e){let s=sn("f\
igcaption",n),{name:o,probe:r,length:a}=e,
i={name:o,probe:r,length:a,sequence:String(
e.sequence)};for(let d of b(HTMLElement,
"[data-part]",s))d.textContent=i[String(
d.dataset.part)];let c=g("[data-part=pro\
be]",s);c.href=`../../probes/${e.file}.h\
tml`;for(let d of b(HTMLAnchorElement,"[\
data-beside]",s))d.hash=t.id;return s}var sn=(n,t)=>g(
n,t).cloneNode(!0);var Rs=new Map([["ArrowLeft","prev"],["A\
rrowRight","next"]]),qs="select, input, \
textarea, canvas, .scroll",yt=class{constructor(t){
this.maps=t,this.links=b(HTMLAnchorElement,
".examples a"),this.sections=b(HTMLElement,
".example")}start(){this.#e(),this.#t()}#t(){
let t=L(),s=this.sections.some(({id:o})=>o===
t)?t:this.sections[0]?.id;for(let o of this.
sections)o.hidden=o.id!==s;Ft(this.links,
o=>o.hash===`#${s}`),this.maps.repaintSection(
s)}#e(){for(let t of this.links)t.addEventListener(
"click",e=>this.#n(e,t));for(let t of b(
HTMLAnchorElement,".turn a"))t.addEventListener(
"click",()=>this.#s(t));document.addEventListener(
"keydown",t=>this.#o(t)),O.onChange(()=>this.#a(),
{anchors:!0})}#n(t,e){t.preventDefault(),
this.maps.writeAddress(e.hash.slice(1)),
this.#t(),this.maps.pinAddress()}#s(t){t.
hash=this.maps.formatAddress(L())}#o(t){
let e=Rs.get(t.key);!e||D(t)||t.shiftKey||
t.defaultPrevented||t.target instanceof Element&&
t.target.closest(qs)||b(HTMLAnchorElement,
`.turn [rel=${e}]`)[0]?.click()}#a(){this.
maps.showAddress(),this.#t(),this.maps.pinAddress()}};Wt();var Pt=window.headatlas.data.tokens??
[],Hs=Pt.map(({tokens:n,columns:t})=>({rows:n.
length,columns:(t??n).length}));en(Pt);var on=new xt(
Pt,async(n,t,e)=>{let{map:s}=n.dataset,o=Number(
n.closest("figure")?.dataset.example);return s!==
void 0?Mt(s,o,Hs):{...await ct(n,t,e),rests:At(
o)}});on.start();new yt(on).start();ie();})();
