// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function l(n,t="",e=""){let s=document.createElement(
n);return s.textContent=t,e&&(s.className=
e),s}function A(n,{read:t=!1}={}){return n.getContext(
"2d",t?{willReadFrequently:!0}:void 0)}function pt(n,t){
let e=l("a",n);return e.href=t,e}function $(n,t){
let e=l("span"),s=l("bdi",n,"token");return s.
translate=!1,e.append(s,l("span",` ${t}`,
"soft")),e}var k=n=>`${n}px`,b=(n,t)=>Math.
min(t-1,Math.max(0,n));function w(n,t=document){
return t.querySelector(n)}function F(n,t,e=document){
return Array.from(e.querySelectorAll(t)).
filter(s=>s instanceof n)}function ft(n,t){
return n.elements.namedItem(t)}var B=n=>n.altKey||n.ctrlKey||n.metaKey;function mt(){for(let n of document.querySelectorAll(
"[data-needs-script]"))n.removeAttribute(
"hidden")}function q(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var m={
read:n=>n??"",write:n=>n},L={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},me={read:n=>({column:(n||"hea\
d").replace(/^-/,""),down:n?.startsWith(
"-")??!1}),write:({column:n,down:t})=>n===
"head"&&!t?"":(t?"-":"")+n},we={read:n=>n?
n.split(","):null,write:n=>n?n.join()||"\
none":""},ye={read:n=>(n??"").split(",").
filter(Boolean).map(ge),write:n=>n.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function ge(n){let t=n.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var v=class{constructor(t){
this.fields=t}read(){let{choices:t}=wt(),
e=Object.entries(this.fields).map(([s,o])=>[
s,o.read(t.get(s))]);return Object.fromEntries(
e)}format(t,e=""){let s=new URLSearchParams;
for(let[o,r]of Object.entries(this.fields)){
let i=o in t?r.write(t[o]):"";i&&s.set(o,
i)}return[e,String(s).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:s=!0}={}){let o=this.format(t,e);if(location.
hash===(o&&`#${o}`))return;let r=s?history.
pushState:history.replaceState;try{r.call(
history,null,"",o?`#${o}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!xe())&&
t()})}};function wt(){let n=location.hash.
slice(1),[t,...e]=n.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):n)}}function xe(){let{anchor:n}=wt(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var yt={view:q("matrix","t\
ext","arcs"),direction:q("to","from"),scale:q(
"linear","root"),sink:q("","show","hide"),
row:L,column:L},os=new v(yt),P=new v({a:m,
b:m,text:m,...yt}),rs=new v({pattern:m,probe:m,
value:q("score","sinkfree"),scale:q("ful\
l","fit"),label:m}),is=new v({text:m,label:m,
probe:m,from:m,to:m,sort:me,columns:we,range:ye,
page:L}),as=new v({x:m,y:m}),cs=new v({by:m,
through:m,from:m,to:m,head:m,least:L}),hs=new v(
{a:m,b:m,pattern:m}),ls=new v({picture:m,
head:m,step:L,word:L});var xt=n=>Array.from({length:256},(t,e)=>Number.
parseInt(n.slice(6*e,6*e+6),16)),tt=xt(window.
headatlas.light),ke=xt(window.headatlas.
dark),gt=new Map(tt.map((n,t)=>[n,t])),kt=matchMedia(
"(prefers-color-scheme: dark)"),bt=[],vt=!1,
et=()=>kt.matches&&!vt?ke:tt;var At=n=>bt.push(n);function $t(){for(let n of bt)
n()}kt.addEventListener("change",$t);for(let[
n,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(n,()=>{vt=t,$t()});
var be=n=>`#${n.toString(16).padStart(6,
"0")}`,st=(n,t)=>Math.round(255*(t?Math.
sqrt(n):n));function Et(n,t,e=et()){let s=e[st(
Math.min(Math.max(n,0),1),t)],o=ve(s)>.179;
return{background:be(s),color:o?"#000":"\
#fff"}}function ve(n){let[t,e,s]=Z(n).map(
o=>{let r=o/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*s}var Z=n=>[16,8,0].map(t=>n>>t&
255);function St(n){let t=gt.get(n);return t===
void 0&&(t=Ae(n),gt.set(n,t)),t}function Ae(n){
let t=Z(n),e=tt.map(s=>Z(s).reduce((o,r,i)=>o+
(r-t[i])**2,0));return e.indexOf(Math.min(
...e))}async function _(n){let t=new Uint16Array(
n.length),e=0;for(let r=1;r<n.length;r++){
let i=n.charCodeAt(r);t[e++]=i===57344?n.
charCodeAt(++r)^32768:i}let s=new Uint8Array(
t.buffer,0,2*e-Number(n[0])),o=new Blob(
[s]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function Mt(n){let t=await _(
n),e=4+new DataView(t.buffer).getUint32(
0,!0),[s,o,r]=JSON.parse(new TextDecoder().
decode(t.subarray(4,e))),i=o*r,a=new Float64Array(
i);for(let h=t.length;h>e;h-=i||h)for(let u=0;u<
i;u++)a[u]=256*a[u]+t[h-i+u];let c=Array.
from({length:r},(h,u)=>Array.from(a.subarray(
u*o,(u+1)*o),$e));return{facts:s,columns:c}}
var $e=n=>n===0?null:n%2?(n-1)/2:-n/2;function R(n,t){return{heads:()=>Tt(`${n}\
 heads`,`${t}/heads.js`,Ee),numbers:e=>Tt(
`${n} ${e}`,`${t}/${e.split("#")[0]}.js`,
Se),circuits:()=>rt(`${n} circuits`,`${t}\
/circuits.js`)}}var Ct=new Map;function Tt(n,t,e){
let s=async()=>{let{facts:r,columns:i}=await Mt(
await rt(n,t));return e(r,i)},o=Ct.get(n)??
s();return Ct.set(n,o),o}function Ee(n,t){
return Object.values(n.patterns).forEach(
(e,s)=>{e.score=t[s]}),n}function Se(n,t){
let e=n.against?1:2;return Object.values(
n.probes).forEach((s,o)=>{let[r,i]=t.slice(
o*e,(o+1)*e);s.score=r,s.sinkfree=i?.map(
(a,c)=>a===null?null:a+(r[c]??0))??[]}),
n}var nt=new Map,Me=n=>new Promise((t,e)=>{
let s=document.createElement("script");s.
src=n,s.onload=()=>t(),s.onerror=()=>e(new Error(
`${n} could not be loaded`)),document.head.
append(s)});async function rt(n,t){if(!(window.
headatlas?.data&&n in window.headatlas.data)){
let e=nt.get(t)??Me(t);nt.set(t,e),await e.
finally(()=>nt.delete(t))}return window.
headatlas.data[n]}var ot=new Map;function it(n,t){
return ot.has(t)||(window.headatlas?.data&&
delete window.headatlas.data[n],ot.set(t,
rt(n,t))),ot.get(t)}function D(){let n=document.querySelector(
"h1")?.textContent?.trim().replace(/H\d+$/,
"")??"";return window.headatlas.data.layers?.[n]}
async function qt(n=D()){return n?JSON.parse(
new TextDecoder().decode(await _(n.tables))):
null}function U(n,t=D()){let e=t?.maps[n];return t&&
e?t.kept[e[0]]:[]}var Ce=(n,t=D())=>t?.rests[n]??
[];function Te(n,t=D()){return Object.keys(
t?.maps??{}).filter(e=>U(e,t).includes(n))}
var at=new Map;async function ct(n,t,e,s=D()){
if(n==="mean")return qe(await Promise.all(
Te(t,s).map(p=>ct(p,t,e,s))));let{causal:o,
maps:r}=s,[i,a]=[U(n,s),r[n][1]];at.has(
a)||at.set(a,_(a));let c=await at.get(a),
{rows:h,columns:u}=e[t],d=(p,y)=>o?Math.
min(p+1,y):y,f=0;for(let p of i.slice(0,
i.indexOf(t)))for(let y=0;y<e[p].rows;y++)
f+=d(y,e[p].columns);let g=new Int16Array(
h*u).fill(-1);for(let p=0;p<h;p++){let y=d(
p,u),C=c.subarray(f,f+y);g.set(C,p*u),g[p*
u]=C[0]+255-C.subarray(1).reduce((T,fe)=>T+
fe,0)&255,f+=y}return{rows:h,columns:u,weights:g,
rests:Ce(t,s)}}function qe(n){let[{rows:t,
columns:e,rests:s}]=n,o=new Int16Array(t*
e);for(let r=0;r<o.length;r++){let i=n.reduce(
(c,h)=>c+h.weights[r],0)/n.length,a=Math.
round(i);o[r]=a-i===.5&&a%2?a-1:a}return{
rows:t,columns:e,weights:o,rests:s}}var Le=24;async function Ot(n,t){let e=`${n}\
/data`,s=await R(n,e).heads(),o=t.replace(
/H\d+$/,""),[,,r,i]=s.layers.find(([d])=>d===
o)??[o,0,"self",0],[{[o]:a},c]=await Promise.
all([it("layers",`${e}/layers-${i}.js`),
it("tokens",`${e}/tokens-${r}.js`)]),h=c.
map(({tokens:d,columns:f})=>({rows:d.length,
columns:(f??d).length})),u=U(t,a);return{
slug:n,model:s.model,name:t,labels:s.labels[s.
heads.indexOf(t)].map(([d,f])=>({name:d,
strength:f,hue:s.patterns[d]?.hue??""})),
texts:new Map(u.map(d=>[Oe(c[d]),{number:d,
sequence:c[d]}])),map:d=>ct(t,d,h,a),tables:await qt(
a)}}var Oe=({file:n,sequence:t})=>`${n}-${t}`,
ht=(n,t)=>n.tokens.join(`
`)===t.tokens.join(`
`)&&n.columns?.join(`
`)===t.columns?.join(`
`);function Lt({tokens:n}){return n.filter(
e=>!/^(\[.*\]|<.*>)$/.test(e)).join("").
toLowerCase().replace(/[^\p{L}\p{N}]/gu,
"").slice(0,Le)}function It(n,t){let e=[];
for(let[s,{sequence:o}]of n.texts){let r=t.
texts.get(s)?.sequence;r&&e.push({anchor:s,
sequence:o,alike:Lt(o)===Lt(r),equal:ht(
o,r)})}return e.sort((s,o)=>Number(o.alike)-
Number(s.alike)||s.sequence.rank-o.sequence.
rank)}var Ie=/^[-–+\d.]+$/;function Nt(n){let t=l(
"tr");return t.append(...n.map((e,s)=>{let o=Rt(
e,"col");return typeof e=="string"&&s>0&&
(o.className="n"),o})),t}function Pt([n,
...t]){let e=l("tr");return e.append(Rt(
n,"row"),...t.map(Ne)),e}function Rt(n,t){
let e=l("th");return e.scope=t,e.append(
n),e}function Ne(n){let t=l("td");return typeof n==
"string"&&Ie.test(n)&&(t.className="n"),
t.append(n),t}var O=n=>n.replaceAll("_"," ");function j(n){
return n==null?"–":n.toFixed(Math.abs(
n)<10?3:1)}function Dt(n){return n===null?"–":Math.
abs(n)>=9.95?n.toFixed(0):Math.abs(n)>1?
n.toFixed(1):n.toFixed(2).replace("1.00",
"1").replace("-0.00","0.00").replace("0.",
".")}var Pe=20;function Ft(n,t){let e=Kt(Ht(n),
Ht(t)).sort((o,r)=>r.apart-o.apart),s=e.
slice(0,Pe);return{rows:[_t("Pattern",n,
t),Ut(s)],n:e.length,shown:s.length}}function Bt(n,t){
let e=Kt(Wt(n),Wt(t)),o=Array.from(new Set(
e.map(({name:r})=>r.textContent))).flatMap(
r=>e.filter(({name:i})=>i.textContent===
r));return{rows:[_t("Evidence",n,t),Ut(o)],
n:o.length}}function _t(n,t,e){let s=l("\
thead"),[o,r]=t.model===e.model?[t.name,
e.name]:[t,e].map(({model:i,name:a})=>`${a}\
, ${i}`);return s.append(Nt([n,o,r,"Diff\
erence"])),s}function Ut(n){let t=l("tbo\
dy");return t.append(...n.map(({name:e,probe:s,
own:o,other:r,difference:i})=>{let a=Number.
isNaN(i)?"–":(i>0?"+":"")+j(i);return Pt(
[Re(e,s),jt(o),jt(r),a])})),t}function Re(n,t){
let e=l("span");return e.append(n," ",l(
"span",O(t),"soft")),e}function jt(n){if(!n)
return"–";let{value:t,low:e,high:s,estimated:o}=n,
r=l("span",`${o?"about ":""}${j(t)}`,"wi\
th-interval");return e!==null&&s!==null&&
r.append(" ",l("span",`${j(e)} to ${j(s)}`,
"soft")),r}function Kt(n,t){let e=new Map(
t.map(i=>[i.key,i])),s=new Set(n.map(({key:i})=>i)),
o=n.map(i=>({line:i,own:i.measured,other:e.
get(i.key)?.measured})),r=t.filter(({key:i})=>!s.
has(i)).map(i=>({line:i,own:void 0,other:i.
measured}));return[...o,...r].map(({line:{
name:i,probe:a,scale:c},own:h,other:u})=>{
let d=h&&u?u.value-h.value:Number.NaN;return{
name:i,probe:a,own:h,other:u,difference:d,
apart:Math.abs(d)/c}})}function Ht({name:n,
tables:t}){let e=t?.scores[n];return t&&
e?e.pattern.flatMap((s,o)=>{let[r,i,,,a,
c]=t.patterns[s],h=Xt(e.score[o],e.low[o],
e.high[o],!1),u=pt(O(r),`patterns/${i}.h\
tml`);return h?[{key:r,name:u,probe:a,measured:h,
scale:c}]:[]}):[]}function Wt({name:n,tables:t}){
let e=t?.evidence.heads[n];return t&&e?e.
line.flatMap((s,o)=>{let[,r,i,a,c]=t.evidence.
lines[s],h=Xt(e.value[o],e.low[o],e.high[o],
!!e.estimated[o]),u=l("span",`${r} `);return u.
append(l("span",a,"soft")),h?[{key:`${i}\
 ${c}`,name:u,probe:c,measured:h,scale:1}]:
[]}):[]}function Xt(n,t,e,s){let o=r=>r===
null?null:r/1e3;return n===null?null:{value:n/
1e3,low:o(t),high:o(e),estimated:s}}var Vt="headatlas-sink";function Yt(){try{
let n=localStorage.getItem(Vt);return n===
"hide"||n==="show"?n:""}catch{return""}}
function Gt(n){try{localStorage.setItem(
Vt,n?"hide":"show")}catch{}}var zt=4,ut=class{constructor(t){this.form=
t,t?.addEventListener("submit",e=>e.preventDefault())}state(){
return{view:this.#s("view")||"matrix",direction:this.#s(
"direction")||"to",scale:this.#s("scale")||
"linear",sink:this.#e()}}choices(){let{view:t,
direction:e,scale:s}=this.state();return{
view:t,direction:e,squareRoot:s==="root",
sink:this.#t()?.checked??!1}}#t(){let t=this.
form?.elements.namedItem("sink");return t instanceof
HTMLInputElement?t:null}#e(){let t=this.#t();
return!t||t.checked===t.defaultChecked?"":
t.checked?"hide":"show"}#s(t){let e=this.
form?.elements.namedItem(t);return e instanceof
RadioNodeList||e instanceof HTMLSelectElement?
e.value:""}show(t){for(let s of["view","\
direction","scale"]){let o=this.form?.elements.
namedItem(s);(o instanceof RadioNodeList||
o instanceof HTMLSelectElement)&&(o.value=
t[s])}let e=this.#t();e&&(e.checked=t.sink?
t.sink==="hide":e.defaultChecked)}recallSink(){
let[t,e]=[this.#t(),Yt()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let s of this.form?.querySelectorAll(
"[data-direction]")??[])s.toggleAttribute(
"hidden",t==="arcs");for(let s of document.
querySelectorAll(".scale"))s.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((s,o)=>{
let r=e?(o/zt)**2:o/zt;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let o=this.#t();o&&s===o&&Gt(o.checked),
t()}),this.form?.addEventListener("click",
s=>{let o=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;o&&e(o)})}};
function Zt(){let n=document.querySelector(
".map-controls");return n&&De(n),new ut(
n)}function De(n){let t=n.dataset.offers?.
split(" ")??[];t.includes("views")&&(n.append(
Qt("View","view",["matrix","text","arcs"]),
Qt("Direction","direction",["to","from"],
["looks at","is looked at by"])),n.children[1].
toggleAttribute("data-direction",!0));let e=l(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=l("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],n.append(lt("label",
"Colour scale ",e),lt("label",s," set th\
e sink aside")),t.includes("saves")&&n.append(
lt("span","Download ",Jt("svg")," ",Jt("\
png")))}function lt(n,...t){let e=l(n,"",
"control");return e.append(...t),e}function Jt(n){
let t=l("button",n.toUpperCase());return t.
type="button",t.dataset.save=n,t}function Qt(n,t,e,s=e){
let o=l("fieldset","","choice");return o.
append(l("legend",n,"hidden")),e.forEach(
(r,i)=>{let[a,c]=[l("label"),l("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,i===0],a.append(c,s[i]),o.append(
a)}),o}async function te(n,t,e){await n.decode();
let s=l("canvas");[s.width,s.height]=[e,
t];let o=A(s,{read:!0});o.drawImage(n,0,
0,e,t);let r=o.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let a=0;a<i.length;a++){
let c=r[4*a]<<16|r[4*a+1]<<8|r[4*a+2];i[a]=
r[4*a+3]<128?-1:St(c)}return{rows:t,columns:e,
weights:i}}function ee({rows:n,columns:t,
weights:e,rests:s=[]}){let o=new Set([0,
...s]),r=new Int16Array(e.length);for(let i=0;i<
n;i++){let a=e.subarray(i*t,(i+1)*t),c=a.
reduce((d,f)=>d+Math.max(f,0),0),h=c;for(let d of o)
h-=Math.max(a[d],0);let u=d=>h<3?0:Math.
round(d*c/h);r.set(a.map((d,f)=>d<0||o.has(
f)?-1:u(d)),i*t)}return{rows:n,columns:t,
weights:r}}function se(n,t,e,s=et()){[t.
width,t.height]=[n.columns,n.rows];let o=A(
t,{read:!0}),r=o.createImageData(n.columns,
n.rows),i=new Uint32Array(r.data.buffer),
a=Uint32Array.from({length:256},(c,h)=>{
let u=s[st(h/255,e)];return(4278190080|(u&
255)<<16|u&65280|u>>16)>>>0});n.weights.
forEach((c,h)=>{c>=0&&(i[h]=a[Math.min(c,
255)])}),o.putImageData(r,0,0)}var H=n=>(n/
255).toFixed(3),ne=n=>n<0?null:n/255;function K({
columns:n,weights:t},e){return Array.from(
t.subarray(e*n,(e+1)*n),ne)}function oe({
rows:n,columns:t,weights:e},s){return Array.
from({length:n},(o,r)=>ne(e[r*t+s]))}var je=5,He=.02,E=130,X=260,I=2*E+X,dt=4,
We=8e3,re=15,Fe='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',V=class{constructor(t,e,s){
this.rows=t,this.columns=e;let o=Math.max(
t.length,e.length);this.pitch=Be(o),this.
height=o*this.pitch+2*dt,this.ratio=Math.
min(devicePixelRatio||1,We/this.height),
this.canvas=this.#t(),this.#e(s)}#t(){let{
ratio:t,height:e}=this,s=l("canvas","","\
arcs");return[s.width,s.height]=[Math.round(
I*t),Math.round(e*t)],[s.style.width,s.style.
aspectRatio]=[k(I),`${I} / ${e}`],s.setAttribute(
"role","img"),s.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),s}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#s(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
s]=this.#s(e);s>=0&&t.pin(s)})}#s(t){let e=I/
this.canvas.clientWidth,s=Math.floor((t.
offsetY*e-dt)/this.pitch);return t.offsetX*
e>I/2?[-1,b(s,this.columns.length)]:[b(s,
this.rows.length),-1]}draw(t,e,s,o){let r=A(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,I,this.
height),r.strokeStyle=ie("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of Ke(
t,e,s))r.globalAlpha=Ue(i.weight,o),this.#n(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#c(r,e,s)}#n(t,e,s){let[o,r,i]=[
E,E+X,E+X/2],[a,c]=[this.#r(e),this.#r(s)];
t.beginPath(),t.moveTo(o,a),t.bezierCurveTo(
i,a,i,c,r,c),t.stroke()}#r(t){return dt+
(t+.5)*this.pitch}#c(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${Fe}`,t.textBaseline=
"middle",t.textAlign="right",this.#h(t,this.
rows,E-6,e),t.textAlign="left",this.#h(t,
this.columns,E+X+6,s)}#h(t,e,s,o){let[r,
i]=[getComputedStyle(document.body).color,
ie("--soft")];e.forEach((a,c)=>{t.fillStyle=
o<0||o===c?r:i,t.fillText(_e(a),s,this.#r(
c),E-8)})}};function Be(n){return n<=60?
19:n<=200?12:Math.max(2,Math.floor(3e3/n))}
function _e(n){return n.length>re?`${n.slice(
0,re-1)}…`:n}var Ue=(n,t)=>Math.min(t?
Math.sqrt(n):n,1);function Ke(n,t,e){return(t>=
0?[t]:Array.from({length:n.rows},(o,r)=>r)).
flatMap(o=>Xe(n,o,t>=0,e).map(([r,i])=>({
query:o,key:i,weight:r})))}function Xe(n,t,e,s){
let o=K(n,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>He);return e?o:s>=0?o.filter(([
,r])=>r===s):o.sort((r,i)=>i[0]-r[0]).slice(
0,je)}var ie=n=>getComputedStyle(document.
documentElement).getPropertyValue(n);var S=Object.freeze({query:-1,key:-1}),x=n=>n.
query<0&&n.key<0,M=n=>n.query>=0&&n.key>=
0,Ve=["kept","row","column","cell","row-\
tag","column-tag"],Y=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
Ye(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(Ve.map(o=>[o,Ge(o)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=l("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?ee(this.measured):
this.measured,se(this.shown,this.canvas,
e)}cellAt(t){let{rows:e,columns:s}=this.
shown;return{query:b(Math.floor(t.offsetY/
this.canvas.clientHeight*e),e),key:b(Math.
floor(t.offsetX/this.canvas.clientWidth*
s),s)}}start(){let{rows:t,columns:e,weights:s}=this.
shown,o=s.subarray(e*(t-1),e*t);return{query:t-
1,key:o.indexOf(Math.max(...o))}}weightAt({
query:t,key:e}){return this.shown.weights[t*
this.shown.columns+e]}strongest({query:t,
key:e}){let{rows:s,columns:o}=this.shown,
r=Array.from({length:t>=0?o:s},(c,h)=>t>=
0?{query:t,key:h}:{query:h,key:e}),i=r.map(
c=>this.weightAt(c)),a=Math.max(...i);return a>
0?r[i.indexOf(a)]:S}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":H(e)}mark(t,e,s){
let{rows:o,columns:r}=this.shown,{query:i,
key:a}=t,c=this.#n();this.#e("row",i>=0,
[0,i,r,1],c),this.#e("column",a>=0,[a,0,
1,o],c),this.#e("cell",M(t),[a,i,1,1],c);
let h=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,o];this.#e("kept",!x(e),h,c),this.#s(
"row-tag",s.row),this.#s("column-tag",s.
column),this.marks["row-tag"].style.top=
k(c.top+(i+.5)*c.height),this.marks["col\
umn-tag"].style.left=k(c.left+(a+.5)*c.cell)}#e(t,e,[
s,o,r,i],{cell:a,height:c,left:h,top:u}){
let d=this.marks[t];d.hidden=!e,d.style.
left=k(h+s*a),d.style.top=k(u+o*c),d.style.
width=k(r*a),d.style.height=k(i*c)}#s(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(l("bdi",e))}#n(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:o}=this.canvas;return{cell:s/
this.shown.columns,height:o/this.shown.rows,
left:t,top:e}}};function Ye(n,{rows:t,columns:e},s){
let o=l("canvas","","pixels");return o.style.
setProperty("--rows",String(t)),o.style.
setProperty("--columns",String(e)),o.tabIndex=
0,o.setAttribute("role","application"),o.
setAttribute("aria-roledescription","hea\
tmap"),o.setAttribute("aria-label",`${n}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),o.setAttribute("aria-d\
escribedby",s),o}function Ge(n){let t=l(
"div","",`mark-${n}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var ze=[255,120,0],Je=.8;async function ae(n){
let t=new Image;t.src=n,await t.decode();
let e=l("canvas");[e.width,e.height]=[t.
naturalWidth,t.naturalHeight];let s=A(e,
{read:!0});return s.drawImage(t,0,0),s.getImageData(
0,0,e.width,e.height)}function ce(n,t,[e,
s],o){let{width:r,height:i,data:a}=t;[n.
width,n.height]=[r,i];let c=A(n);if(!o)return c.
putImageData(t,0,0);let h=Math.max(...Array.
from(o))||1,u=c.createImageData(r,i);for(let d=0;d<
i;d++){let f=s*Math.floor(d*e/i);for(let g=0;g<
r;g++){let p=4*(d*r+g),y=.299*a[p]+.587*
a[p+1]+.114*a[p+2],C=Je*o[f+Math.floor(g*
s/r)]/h;for(let T=0;T<3;T++)u.data[p+T]=
y*(1-C)+ze[T]*C;u.data[p+3]=255}}c.putImageData(
u,0,0)}function he(n,[t,e],s){n.hidden=s<
0,n.style.setProperty("inset-block-start",
`${100*Math.floor(s/e)/t}%`),n.style.setProperty(
"inset-inline-start",`${100*(s%e)/e}%`),
n.style.width=`${100/e}%`,n.style.height=
`${100/t}%`}var G=class n{static async of(t){let e=t.
closest(".example")?.querySelector(".ove\
rlays .pointed");if(!(e instanceof HTMLElement))
return null;let s=w("img, canvas",e);return(s instanceof
HTMLImageElement?await n.#t(e,s):le.get(
e))??null}static async#t(t,e){let s=new n(
t,await ae(e.src));return e.replaceWith(
s.canvas),t.hidden=!1,le.set(t,s),s}constructor(t,e){
let{rows:s,columns:o,queries:r,keys:i}=t.
dataset;this.pixels=e,this.grid=[Number(
s),Number(o)],this.queries=Number(r),this.
keys=Number(i),this.canvas=l("canvas"),this.
canvas.setAttribute("aria-hidden","true"),
this.spot=w(".spot",t),this.words=w("p",
t),this.hint=this.words.textContent??""}show(t,{
query:e,key:s},{rows:o,columns:r}){let i=this.
grid[0]*this.grid[1],a=e>=0&&this.keys>=
0,c=!a&&s>=0&&this.queries>=0,h=Array.from(
{length:a||c?i:0},(f,g)=>{let[p,y]=a?[e,
this.keys+g]:[this.queries+g,s];return Math.
max(0,t.weights[p*t.columns+y])});ce(this.
canvas,this.pixels,this.grid,h.length?h:
null);let u=e>=0&&this.queries>=0?e-this.
queries:s-this.keys,d=(e>=0?this.queries:
this.keys)>=0&&u>=0&&u<i;he(this.spot,this.
grid,d&&(e>=0||s>=0)?u:-1),this.words.textContent=
this.hint,a&&(this.words.textContent=`Wh\
ere ${o[e]} looks`),c&&(this.words.textContent=
`From where ${r[s]} is looked at`)}},le=new WeakMap;var ue={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
Qe="Point at a map: all show the same pa\
ir of tokens.",z=class{constructor(t,e,s,o){
this.rows=e,this.columns=s,this.many=o,this.
view="matrix",this.hint=l("span",o?Qe:ue.
matrix,"hint"),this.root=l("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
ue[t==="text"&&!e?"text, from":t])}say(t,e,s){
x(t)?this.root.replaceChildren(this.hint):
M(t)?this.#s(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:o,key:r}=t,i=o>=0?$(this.rows[o],
o):$(this.columns[r],r),a=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,s),a)}#e(t,e){
let s=e.strongest(t),o=t.query>=0;if(x(s))
return[o?" looks at nothing that is show\
n":" is looked at by none"];let r=o?$(this.
columns[s.key],s.key):$(this.rows[s.query],
s.query);return[o?" looks most at ":" is\
 looked at most by ",r,", ",l("b",H(e.weightAt(
s)))]}#s(t,e){let{query:s,key:o}=t,[r,i]=[
$(this.rows[s],s),$(this.columns[o],o)];
this.root.replaceChildren(r," → ",i,...this.#n(
t,e))}#n(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",l("b",H(s))]}};var W=class{constructor(t,e,s){this.on=s,
this.root=l("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(Ze),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,o){
this.spans.forEach((r,i)=>{let a=t?.[i]??
null,c=a===null?null:Et(a,o);r.style.background=
c?.background??"",r.style.color=c?.color??
"",r.title=a===null?"":a.toFixed(3),r.classList.
toggle("chosen",i===e),r.classList.toggle(
"unseen",t!==null&&a===null),r.setAttribute(
"aria-pressed",String(s&&i===e))})}#t(){
let{root:t,on:e}=this;t.addEventListener(
"pointerover",s=>this.#e(s,e.over)),t.addEventListener(
"pointerleave",e.out),t.addEventListener(
"click",s=>this.#e(s,e.pin)),t.addEventListener(
"focusin",s=>this.#e(s,o=>this.#s(o))),t.
addEventListener("keydown",s=>this.#e(s,
o=>this.#n(s,o)))}#e(t,e){let s=this.spans.
indexOf(t.target);s>=0&&e(s)}#s(t){for(let e of this.
spans)e.tabIndex=-1;this.spans[t].tabIndex=
0,this.spans[t].matches(":focus-visible")&&
this.on.over(t)}#n(t,e){if(B(t))return;let s=this.
spans.length-1,o={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:s};
if(t.key in o)this.spans[b(o[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function Ze(n){let t=l("bdi",n,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var de=9,J=class n{#t=S;#e=S;#s=null;#n=null;#r=null;followers=[];static async start(t,e,s,o,r=te){
let i=new n(t,e,s,o,r);await i.#c(),i.many||
i.#h(),i.#r=await G.of(t);for(let a of i.
maps)i.#y(a);return i.repaint(),t.dataset.
ready="",i}constructor(t,{tokens:e,columns:s,
text:o},r,i,a){this.root=t,this.rows=e,this.
columns=s??e,this.twoTexts=s!==void 0,this.
text=o??e,this.many=t.classList.contains(
"multiples"),this.choices=r,this.onPin=i,
this.weightsOf=a,this.maps=[],this.readout=
new z(`readout-${t.dataset.maps}`,this.rows,
this.columns,this.many),t.prepend(this.readout.
root)}async#c(){let t=F(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,o)=>new Y(s,e[o],this.readout.root.
id))}#h(){let t=l("div","","map-text"),e=this.
twoTexts?"The text whose tokens look":"T\
he text",s=this.#d(()=>this.readsRows()),
o=new W(this.text,e,s);t.append(o.root);
let r=null;if(this.twoTexts){let i=this.#d(
()=>!1);r=new W(this.columns,"The text t\
hat is looked at",i),t.append(r.root)}this.
root.append(t),this.#s={rows:o,columns:r}}#d(t){
let e=s=>t()?{query:s,key:-1}:{query:-1,
key:s};return{over:s=>this.#o(e(s)),out:()=>this.#l(),
pin:s=>this.#i(e(s))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:s}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let o of this.
maps)o.paint(s,e);this.root.dataset.view===
"arcs"&&this.#f(),this.#u(x(this.#t)?this.#e:
this.#t),this.fit(),this.#a()}#f(){if(this.#n)
return;this.#n=new V(this.rows,this.columns,
{over:(e,s)=>this.#o({query:e,key:s}),out:()=>this.#l(),
pin:e=>this.#i({query:e,key:-1})});let t=l(
"div","","scroll arcs-view");t.append(this.#n.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#p()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=de)return;let o=e.clientWidth-
w(".axis-rows",e).offsetWidth-8,r=this.columns.
length;o>0&&s*r>o&&t.setProperty("--cell",
k(Math.max(de,Math.floor(o/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#u(x(this.#t)?
t:this.#t),this.#a()}#i(t){this.pin(pe(t,
this.#e)?S:t)}#o(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#l(){this.#o(S)}follow(t){
pe(t,this.#t)||(this.#t=t,this.#u(x(t)?this.#e:
t),this.#a())}#u(t){this.readout.say(t,!x(
this.#e),this.maps[0]);for(let e of this.
maps)x(t)?e.sayWeight(null):M(t)&&e.sayWeight(
t)}#a(){this.#m(),this.root.dataset.view===
"arcs"&&this.#w(),this.#p()}current(){return x(
this.#e)?this.#t:this.#e}#m(){if(!this.#s)
return;let[t,{squareRoot:e}]=[!x(this.#e),
this.choices()],{rows:s,columns:o}=this.#s;
this.shadedTexts().forEach(({weights:r,chosen:i},a)=>{
(a&&o?o:s).colour(r,i,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:s}=this.
maps[0],o=t>=0&&(this.readsRows()||e<0),
r=o?K(s,t):null,i=!o&&e>=0?oe(s,e):null;
return this.twoTexts?[{tokens:this.text,
weights:i,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??i,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#w(){let{query:t,
key:e}=this.arcsShown();this.#n?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#p(){
let t=x(this.#t)?this.#e:this.#t;this.#r?.
show(this.maps[0].shown,t,this);let e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let s of this.maps)s.
mark(t,this.#e,e)}#y(t){let{canvas:e}=t;
e.addEventListener("pointermove",s=>this.#o(
t.cellAt(s))),e.addEventListener("pointe\
rdown",s=>this.#o(t.cellAt(s))),e.addEventListener(
"click",s=>{this.many||this.#i(t.cellAt(
s))}),e.addEventListener("pointerleave",
s=>{let o=document.activeElement===e&&e.
matches(":focus-visible");s.pointerType===
"mouse"&&!o&&this.#l()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#o(t.start())}),
e.addEventListener("blur",()=>this.#l()),
e.addEventListener("keydown",s=>this.#x(
s,t))}#x(t,e){let s=this.#k(e)[t.key];!s||
B(t)||(t.preventDefault(),t.stopPropagation(),
s())}#k(t){let e=(s,o)=>()=>this.#b(t,s,
o);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#g(t),
" ":()=>this.#g(t),Escape:()=>{this.many||
this.pin(S)}}}#b(t,e,s){let{query:o,key:r}=this.#t;
M(this.#t)?this.#o({query:b(o+e,this.rows.
length),key:b(r+s,this.columns.length)}):
this.#o(t.start())}#g(t){M(this.#t)||this.#o(
t.start()),this.many||this.#i(this.#t)}},
pe=(n,t)=>n.query===t.query&&n.key===t.key;var N=["a","b"],Q=class{#t=[];#e=0;constructor(){
this.form=w(".heads-controls"),this.controls=
Zt(),this.problem=w("#heads-problem")}async start(){
w("[data-without-script]").hidden=!0,this.
form.addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("change",t=>{
this.#d(t)}),w("[data-swap]").addEventListener(
"click",()=>{this.#f()}),this.controls.listen(
()=>this.#l(),()=>{}),At(()=>this.#u()),
addEventListener("resize",()=>{for(let t of this.#t)
t.resize()}),P.onChange(()=>{this.#n()}),
await this.#n()}#s(t){return ft(this.form,
t)}async#n(){let t=P.read();this.controls.
show(t),t.sink||this.controls.recallSink(),
await this.#r("a",t.a),await this.#r("b",
t.b||await this.#h()),await this.#a(t.text,
{query:t.row,key:t.column})}async#r(t,e){
let[s,o]=e.split("/"),r=this.#s(`model-${t}`);
Array.from(r.options).some(({value:i})=>i===
s)&&(r.value=s),await this.#c(t,o)}async#c(t,e){
let s=this.#s(`head-${t}`),o=this.#s(`mo\
del-${t}`).value,{heads:r,labels:i,layers:a}=await R(
o,`${o}/data`).heads(),c=0,h=a.map(([u,d])=>{
let f=l("optgroup");f.label=u;for(let g=c+
d;c<g;c++){let[p]=i[c];f.append(new Option(
[r[c],p&&O(p[0])].filter(Boolean).join("\
 "),r[c]))}return f});s.replaceChildren(
...h.filter(u=>u.children.length)),r.includes(
e)&&(s.value=e)}async#h(){let[t,e]=["mod\
el-a","head-a"].map(a=>this.#s(a).value),
{heads:s,labels:o}=await R(t,`${t}/data`).
heads(),[r]=o[s.indexOf(e)],i=s.find((a,c)=>a!==
e&&r&&o[c][0]?.[0]===r[0]);return`${t}/${i??
s.find(a=>a!==e)??e}`}async#d({target:t}){
let{name:e}=t,s=N.find(o=>e===`model-${o}`);
s&&await this.#c(s,this.#s(`head-${s}`).
value),await this.#a(this.#s("text").value),
this.#o()}async#f(){let[t,e]=N.map(s=>this.#i(
s));await this.#r("a",e),await this.#r("\
b",t),await this.#a(this.#s("text").value),
this.#o()}#i(t){return`${this.#s(`model-${t}`).
value}/${this.#s(`head-${t}`).value}`}#o(t={}){
let[e,s]=N.map(o=>this.#i(o));P.write({a:e,
b:s,text:this.#s("text").value,...this.controls.
state(),...t})}#l(){this.#u();let{row:t,
column:e}=P.read();this.#o({row:t,column:e})}#u(){
this.controls.explain();for(let t of this.#t)
t.repaint()}async#a(t,e){let s=++this.#e;
delete w("#heads").dataset.ready;let o=N.
map(c=>this.#i(c).split("/")),[r,i]=await Promise.
all(o.map(([c,h])=>Ot(c,h)));if(s!==this.#e)
return;document.title=`${r.name} and ${i.
name} · headatlas`,N.forEach((c,h)=>{es(
w(`[data-side=${c}]`),[r,i][h])});let a=this.#m(
It(r,i),t);if(await this.#w([r,i],a),e)for(let c of this.#t)
ts(c,e)&&c.keep(e);this.#y(r,i),w("#head\
s").dataset.ready=""}#m(t,e){let s=this.#s(
"text");s.replaceChildren(...t.map(({anchor:r,
sequence:i,alike:a})=>{let c=a?i.name:`s\
equence ${i.sequence}, each its own toke\
ns`;return new Option(`${i.probe}: ${c}`,
r)})),t.some(({anchor:r})=>r===e)&&(s.value=
e);let o=t.find(({anchor:r})=>r===s.value);
return this.problem.hidden=o?.equal??!1,
this.problem.textContent=o?o.alike?"The \
two models cut this text into other toke\
ns: the maps do not point together.":"Th\
e same sequence of the probe, each model\
 with tokens of its own: compare the for\
m, not the cells.":"There is no text of \
which maps of both heads are kept.",o?.anchor??
""}async#w(t,e){this.#t=[];let s=t.map(({
texts:h})=>h.get(e)),o=N.map(h=>w(`[data\
-side=${h}] figure`)),r=s.map((h,u)=>h?ss(
t[u],h.sequence,u):null);o.forEach((h,u)=>{
h.replaceChildren(...[r[u]].filter(d=>d!==
null))});let i=r.map((h,u)=>{let d=s[u];
return h&&d?J.start(h,d.sequence,()=>this.
controls.choices(),f=>this.#p(f),()=>t[u].
map(d.number)):null});this.#t=(await Promise.
all(i)).filter(h=>h!==null);let[a,c]=this.#t;
c&&s[0]&&s[1]&&ht(s[0].sequence,s[1].sequence)&&
([a.followers,c.followers]=[[c],[a]])}#p(t){
for(let e of this.#t)e.followers.length&&
e.keep(t);this.#o({row:t.query,column:t.
key})}#y(t,e){let s=Ft(t,e);w("#score-di\
fferences").replaceChildren(...s.rows),w(
"#score-caption").textContent=`The ${s.shown}\
 patterns of ${s.n} in which the two dif\
fer most, each on the probe it is meant \
to be read on, with 95% intervals. Diffe\
rence: the second less the first; what i\
s no share of attention is ordered by it\
s part of the largest in the first model\
.`;let o=Bt(t,e);w("#evidence-difference\
s").replaceChildren(...o.n?o.rows:[]);for(let r of F(
HTMLElement,"[data-of-evidence]"))r.hidden=
!o.n}},ts=(n,{query:t,key:e})=>t<n.rows.
length&&e<n.columns.length;function es(n,{
slug:t,model:e,name:s,labels:o}){let r=w(
"h2 a",n);[r.textContent,r.href]=[s,`${t}\
/heads/${s}.html`],w("[data-model]",n).textContent=
e;let i=o.map(({name:a,strength:c,hue:h})=>{
let u=l("li",`${O(a)} `,`chip ${h}`);return c!==
null&&u.append(l("b",Dt(c))),u});w(".chi\
ps",n).replaceChildren(...i.length?i:[l(
"li","no label","soft")])}function ss({name:n,
model:t},{tokens:e,columns:s,axes:o,step:r,
cells:i,on:a},c){let h=l("div","",`map-s\
et cell-${i[0]} step-${r}`);h.dataset.maps=
String(c);let u=l("div","","maps labelle\
d");for(let[g,p]of[["rows",0],["columns",
1]]){let y=l("pre",o[p],`axis-${g}`);y.setAttribute(
"aria-hidden","true"),y.translate=!1,u.append(
y)}let d=l("img","","pixels");[d.width,d.
height]=[(s??e).length*i[0],e.length*i[0]],
d.alt=`Attention of ${n} of ${t} on ${a}`;
let f=l("div","","map");return f.append(
d),u.append(f),h.append(u),h}mt();new Q().start();})();
