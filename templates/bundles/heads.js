// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function u(n,t="",e=""){let s=document.createElement(
n);return s.textContent=t,e&&(s.className=
e),s}function A(n,{read:t=!1}={}){return n.getContext(
"2d",t?{willReadFrequently:!0}:void 0)}function ft(n,t){
let e=u("a",n);return e.href=t,e}function E(n,t){
let e=u("span"),s=u("bdi",n,"token");return s.
translate=!1,e.append(s,u("span",` ${t}`,
"soft")),e}var k=n=>`${n}px`,b=(n,t)=>Math.
min(t-1,Math.max(0,n));function w(n,t=document){
return t.querySelector(n)}function W(n,t,e=document){
return Array.from(e.querySelectorAll(t)).
filter(s=>s instanceof n)}function mt(n,t){
return n.elements.namedItem(t)}var F=n=>n.altKey||n.ctrlKey||n.metaKey;function wt(){for(let n of document.querySelectorAll(
"[data-needs-script]"))n.removeAttribute(
"hidden")}function T(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var m={
read:n=>n??"",write:n=>n},L={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},we={read:n=>({column:(n||"hea\
d").replace(/^-/,""),down:n?.startsWith(
"-")??!1}),write:({column:n,down:t})=>n===
"head"&&!t?"":(t?"-":"")+n},ye={read:n=>n?
n.split(","):null,write:n=>n?n.join()||"\
none":""},ge={read:n=>(n??"").split(",").
filter(Boolean).map(xe),write:n=>n.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function xe(n){let t=n.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var v=class{constructor(t){
this.fields=t}read(){let{choices:t}=yt(),
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
addEventListener("hashchange",()=>{(e||!ke())&&
t()})}};function yt(){let n=location.hash.
slice(1),[t,...e]=n.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):n)}}function ke(){let{anchor:n}=yt(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var gt={view:T("matrix","t\
ext","arcs"),direction:T("to","from"),scale:T(
"linear","root"),sink:T("","show","hide"),
row:L,column:L},is=new v(gt),P=new v({a:m,
b:m,text:m,...gt}),as=new v({pattern:m,probe:m,
value:T("score","sinkfree"),scale:T("ful\
l","fit"),label:m}),cs=new v({text:m,label:m,
probe:m,from:m,to:m,sort:we,columns:ye,range:ge,
page:L}),hs=new v({x:m,y:m}),ls=new v({by:m,
through:m,from:m,to:m,head:m,least:L}),us=new v(
{a:m,b:m,pattern:m}),ds=new v({picture:m,
head:m,step:L,word:L});var kt=n=>Array.from({length:256},(t,e)=>Number.
parseInt(n.slice(6*e,6*e+6),16)),et=kt(window.
headatlas.light),be=kt(window.headatlas.
dark),xt=new Map(et.map((n,t)=>[n,t])),bt=matchMedia(
"(prefers-color-scheme: dark)"),vt=[],At=!1,
st=()=>bt.matches&&!At?be:et;var Et=n=>vt.push(n);function $t(){for(let n of vt)
n()}bt.addEventListener("change",$t);for(let[
n,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(n,()=>{At=t,$t()});
var ve=n=>`#${n.toString(16).padStart(6,
"0")}`,nt=(n,t)=>Math.round(255*(t?Math.
sqrt(n):n));function St(n,t,e=st()){let s=e[nt(
Math.min(Math.max(n,0),1),t)],o=Ae(s)>.179;
return{background:ve(s),color:o?"#000":"\
#fff"}}function Ae(n){let[t,e,s]=tt(n).map(
o=>{let r=o/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*s}var tt=n=>[16,8,0].map(t=>n>>t&
255);function Mt(n){let t=xt.get(n);return t===
void 0&&(t=Ee(n),xt.set(n,t)),t}function Ee(n){
let t=tt(n),e=et.map(s=>tt(s).reduce((o,r,i)=>o+
(r-t[i])**2,0));return e.indexOf(Math.min(
...e))}async function B(n){let t=new Uint16Array(
n.length),e=0;for(let r=1;r<n.length;r++){
let i=n.charCodeAt(r);t[e++]=i===57344?n.
charCodeAt(++r)^32768:i}let s=new Uint8Array(
t.buffer,0,2*e-Number(n[0])),o=new Blob(
[s]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function _(n){let t=await B(
n),e=4+new DataView(t.buffer).getUint32(
0,!0),[s,o,r]=JSON.parse(new TextDecoder().
decode(t.subarray(4,e))),i=o*r,a=new Float64Array(
i);for(let h=t.length;h>e;h-=i||h)for(let l=0;l<
i;l++)a[l]=256*a[l]+t[h-i+l];let c=Array.
from({length:r},(h,l)=>Array.from(a.subarray(
l*o,(l+1)*o),$e));return{facts:s,columns:c}}
var $e=n=>n===0?null:n%2?(n-1)/2:-n/2;function R(n,t){return{heads:()=>qt(`${n}\
 heads`,`${t}/heads.js`,Se),numbers:e=>qt(
`${n} ${e}`,`${t}/${e.split("#")[0]}.js`,
Me),circuits:()=>it(`${n} circuits`,`${t}\
/circuits.js`)}}var Ct=new Map;function qt(n,t,e){
let s=async()=>{let{facts:r,columns:i}=await _(
await it(n,t));return e(r,i)},o=Ct.get(n)??
s();return Ct.set(n,o),o}function Se(n,t){
return Object.values(n.patterns).forEach(
(e,s)=>{e.score=t[s]}),n}function Me(n,t){
let e=n.against?1:2;return Object.values(
n.probes).forEach((s,o)=>{let[r,i]=t.slice(
o*e,(o+1)*e);s.score=r,s.sinkfree=i?.map(
(a,c)=>a===null?null:a+(r[c]??0))??[]}),
n}var ot=new Map,Ce=n=>new Promise((t,e)=>{
let s=document.createElement("script");s.
src=n,s.onload=()=>t(),s.onerror=()=>e(new Error(
`${n} could not be loaded`)),document.head.
append(s)});async function it(n,t){if(!(window.
headatlas?.data&&n in window.headatlas.data)){
let e=ot.get(t)??Ce(t);ot.set(t,e),await e.
finally(()=>ot.delete(t))}return window.
headatlas.data[n]}var rt=new Map;function at(n,t){
return rt.has(t)||(window.headatlas?.data&&
delete window.headatlas.data[n],rt.set(t,
it(n,t))),rt.get(t)}var Tt=()=>window.headatlas.data.layers;
function U(){let n=document.querySelector(
"h1")?.textContent?.trim().replace(/H\d+$/,
"")??"";return Tt()?.layers[n]}async function Lt(n=Tt()){
if(!n)return null;let[t,e]=await Promise.
all([B(n.tables),_(n.scores)]);return{...JSON.
parse(new TextDecoder().decode(t)),scores:qe(
e)}}function qe({facts:[n,t,e],columns:s}){
let o=Object.fromEntries(n.map((a,c)=>[a,
s[c]])),r=Array.from(o.queries.keys()),i=a=>{
let c=r.filter(l=>l%t.length===a&&o.queries[l]!==
null),h=Object.fromEntries(n.map(l=>[l,c.
map(d=>o[l][d])]));return{...h,pattern:c.
map(l=>Math.floor(l/t.length)),rival:h.rival.
map(l=>l===null?null:e[l])}};return Object.
fromEntries(t.map((a,c)=>[a,i(c)]))}function K(n,t=U()){let e=t?.maps[n];return t&&
e?t.kept[e[0]]:[]}var Te=(n,t=U())=>t?.rests[n]??
[];function Le(n,t=U()){return Object.keys(
t?.maps??{}).filter(e=>K(e,t).includes(n))}
var ct=new Map;async function ht(n,t,e,s=U()){
if(n==="mean")return Oe(await Promise.all(
Le(t,s).map(f=>ht(f,t,e,s))));let{causal:o,
maps:r}=s,[i,a]=[K(n,s),r[n][1]];ct.has(
a)||ct.set(a,B(a));let c=await ct.get(a),
{rows:h,columns:l}=e[t],d=(f,g)=>o?Math.
min(f+1,g):g,p=0;for(let f of i.slice(0,
i.indexOf(t)))for(let g=0;g<e[f].rows;g++)
p+=d(g,e[f].columns);let y=new Int16Array(
h*l).fill(-1);for(let f=0;f<h;f++){let g=d(
f,l),C=c.subarray(p,p+g);y.set(C,f*l),y[f*
l]=C[0]+255-C.subarray(1).reduce((q,me)=>q+
me,0)&255,p+=g}return{rows:h,columns:l,weights:y,
rests:Te(t,s)}}function Oe(n){let[{rows:t,
columns:e,rests:s}]=n,o=new Int16Array(t*
e);for(let r=0;r<o.length;r++){let i=n.reduce(
(c,h)=>c+h.weights[r],0)/n.length,a=Math.
round(i);o[r]=a-i===.5&&a%2?a-1:a}return{
rows:t,columns:e,weights:o,rests:s}}var Ie=24;async function It(n,t){let e=`${n}\
/data`,s=await R(n,e).heads(),o=t.replace(
/H\d+$/,""),[,,r,i]=s.layers.find(([p])=>p===
o)??[o,0,"self",0],[a,c]=await Promise.all(
[at("layers",`${e}/layers-${i}.js`),at("\
tokens",`${e}/tokens-${r}.js`)]),h=c.map(
({tokens:p,columns:y})=>({rows:p.length,
columns:(y??p).length})),l=a.layers[o],d=K(
t,l);return{slug:n,model:s.model,name:t,
labels:s.labels[s.heads.indexOf(t)].map(
([p,y])=>({name:p,strength:y,hue:s.patterns[p]?.
hue??""})),texts:new Map(d.map(p=>[Ne(c[p]),
{number:p,sequence:c[p]}])),map:p=>ht(t,
p,h,l),tables:await Lt(a)}}var Ne=({file:n,
sequence:t})=>`${n}-${t}`,lt=(n,t)=>n.tokens.
join(`
`)===t.tokens.join(`
`)&&n.columns?.join(`
`)===t.columns?.join(`
`);function Ot({tokens:n}){return n.filter(
e=>!/^(\[.*\]|<.*>)$/.test(e)).join("").
toLowerCase().replace(/[^\p{L}\p{N}]/gu,
"").slice(0,Ie)}function Nt(n,t){let e=[];
for(let[s,{sequence:o}]of n.texts){let r=t.
texts.get(s)?.sequence;r&&e.push({anchor:s,
sequence:o,alike:Ot(o)===Ot(r),equal:lt(
o,r)})}return e.sort((s,o)=>Number(o.alike)-
Number(s.alike)||s.sequence.rank-o.sequence.
rank)}var Pe=/^[-–+\d.]+$/;function Pt(n){let t=u(
"tr");return t.append(...n.map((e,s)=>{let o=Dt(
e,"col");return typeof e=="string"&&s>0&&
(o.className="n"),o})),t}function Rt([n,
...t]){let e=u("tr");return e.append(Dt(
n,"row"),...t.map(Re)),e}function Dt(n,t){
let e=u("th");return e.scope=t,e.append(
n),e}function Re(n){let t=u("td");return typeof n==
"string"&&Pe.test(n)&&(t.className="n"),
t.append(n),t}var O=n=>n.replaceAll("_"," ");function D(n){
return n==null?"–":n.toFixed(Math.abs(
n)<10?3:1)}function jt(n){return n===null?"–":Math.
abs(n)>=9.95?n.toFixed(0):Math.abs(n)>1?
n.toFixed(1):n.toFixed(2).replace("1.00",
"1").replace("-0.00","0.00").replace("0.",
".")}var De=20;function Bt(n,t){let e=Xt(Wt(n),
Wt(t)).sort((o,r)=>r.apart-o.apart),s=e.
slice(0,De);return{rows:[Ut("Pattern",n,
t),Kt(s)],n:e.length,shown:s.length}}function _t(n,t){
let e=Xt(Ft(n),Ft(t)),o=Array.from(new Set(
e.map(({name:r})=>r.textContent))).flatMap(
r=>e.filter(({name:i})=>i.textContent===
r));return{rows:[Ut("Evidence",n,t),Kt(o)],
n:o.length}}function Ut(n,t,e){let s=u("\
thead"),[o,r]=t.model===e.model?[t.name,
e.name]:[t,e].map(({model:i,name:a})=>`${a}\
, ${i}`);return s.append(Pt([n,o,r,"Diff\
erence"])),s}function Kt(n){let t=u("tbo\
dy");return t.append(...n.map(({name:e,probe:s,
own:o,other:r,difference:i})=>{let a=Number.
isNaN(i)?"–":(i>0?"+":"")+D(i);return Rt(
[je(e,s),Ht(o),Ht(r),a])})),t}function je(n,t){
let e=u("span");return e.append(n," ",u(
"span",O(t),"soft")),e}function Ht(n){if(!n)
return"–";let{value:t,low:e,high:s,estimated:o}=n,
r=u("span",`${o?"about ":""}${D(t)}`,"wi\
th-interval");return e!==null&&s!==null&&
r.append(" ",u("span",`${D(e)} to ${D(s)}`,
"soft")),r}function Xt(n,t){let e=new Map(
t.map(i=>[i.key,i])),s=new Set(n.map(({key:i})=>i)),
o=n.map(i=>({line:i,own:i.measured,other:e.
get(i.key)?.measured})),r=t.filter(({key:i})=>!s.
has(i)).map(i=>({line:i,own:void 0,other:i.
measured}));return[...o,...r].map(({line:{
name:i,probe:a,scale:c},own:h,other:l})=>{
let d=h&&l?l.value-h.value:Number.NaN;return{
name:i,probe:a,own:h,other:l,difference:d,
apart:Math.abs(d)/c}})}function Wt({name:n,
tables:t}){let e=t?.scores[n];return t&&
e?e.pattern.flatMap((s,o)=>{let[r,i,,,a,
c]=t.patterns[s],h=Vt(e.score[o],e.low[o],
e.high[o],!1),l=ft(O(r),`patterns/${i}.h\
tml`);return h?[{key:r,name:l,probe:a,measured:h,
scale:c}]:[]}):[]}function Ft({name:n,tables:t}){
let e=t?.evidence.heads[n];return t&&e?e.
line.flatMap((s,o)=>{let[,r,i,a,c]=t.evidence.
lines[s],h=Vt(e.value[o],e.low[o],e.high[o],
!!e.estimated[o]),l=u("span",`${r} `);return l.
append(u("span",a,"soft")),h?[{key:`${i}\
 ${c}`,name:l,probe:c,measured:h,scale:1}]:
[]}):[]}function Vt(n,t,e,s){let o=r=>r===
null?null:r/1e3;return n===null?null:{value:n/
1e3,low:o(t),high:o(e),estimated:s}}var Yt="headatlas-sink";function Gt(){try{
let n=localStorage.getItem(Yt);return n===
"hide"||n==="show"?n:""}catch{return""}}
function zt(n){try{localStorage.setItem(
Yt,n?"hide":"show")}catch{}}var Jt=4,dt=class{constructor(t){this.form=
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
let[t,e]=[this.#t(),Gt()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let s of this.form?.querySelectorAll(
"[data-direction]")??[])s.toggleAttribute(
"hidden",t==="arcs");for(let s of document.
querySelectorAll(".scale"))s.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((s,o)=>{
let r=e?(o/Jt)**2:o/Jt;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let o=this.#t();o&&s===o&&zt(o.checked),
t()}),this.form?.addEventListener("click",
s=>{let o=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;o&&e(o)})}};
function te(){let n=document.querySelector(
".map-controls");return n&&He(n),new dt(
n)}function He(n){let t=n.dataset.offers?.
split(" ")??[];t.includes("views")&&(n.append(
Zt("View","view",["matrix","text","arcs"]),
Zt("Direction","direction",["to","from"],
["looks at","is looked at by"])),n.children[1].
toggleAttribute("data-direction",!0));let e=u(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=u("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],n.append(ut("label",
"Colour scale ",e),ut("label",s," set th\
e sink aside")),t.includes("saves")&&n.append(
ut("span","Download ",Qt("svg")," ",Qt("\
png")))}function ut(n,...t){let e=u(n,"",
"control");return e.append(...t),e}function Qt(n){
let t=u("button",n.toUpperCase());return t.
type="button",t.dataset.save=n,t}function Zt(n,t,e,s=e){
let o=u("fieldset","","choice");return o.
append(u("legend",n,"hidden")),e.forEach(
(r,i)=>{let[a,c]=[u("label"),u("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,i===0],a.append(c,s[i]),o.append(
a)}),o}async function ee(n,t,e){await n.decode();
let s=u("canvas");[s.width,s.height]=[e,
t];let o=A(s,{read:!0});o.drawImage(n,0,
0,e,t);let r=o.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let a=0;a<i.length;a++){
let c=r[4*a]<<16|r[4*a+1]<<8|r[4*a+2];i[a]=
r[4*a+3]<128?-1:Mt(c)}return{rows:t,columns:e,
weights:i}}function se({rows:n,columns:t,
weights:e,rests:s=[]}){let o=new Set([0,
...s]),r=new Int16Array(e.length);for(let i=0;i<
n;i++){let a=e.subarray(i*t,(i+1)*t),c=a.
reduce((d,p)=>d+Math.max(p,0),0),h=c;for(let d of o)
h-=Math.max(a[d],0);let l=d=>h<3?0:Math.
round(d*c/h);r.set(a.map((d,p)=>d<0||o.has(
p)?-1:l(d)),i*t)}return{rows:n,columns:t,
weights:r}}function ne(n,t,e,s=st()){[t.
width,t.height]=[n.columns,n.rows];let o=A(
t,{read:!0}),r=o.createImageData(n.columns,
n.rows),i=new Uint32Array(r.data.buffer),
a=Uint32Array.from({length:256},(c,h)=>{
let l=s[nt(h/255,e)];return(4278190080|(l&
255)<<16|l&65280|l>>16)>>>0});n.weights.
forEach((c,h)=>{c>=0&&(i[h]=a[Math.min(c,
255)])}),o.putImageData(r,0,0)}var j=n=>(n/
255).toFixed(3),oe=n=>n<0?null:n/255;function X({
columns:n,weights:t},e){return Array.from(
t.subarray(e*n,(e+1)*n),oe)}function re({
rows:n,columns:t,weights:e},s){return Array.
from({length:n},(o,r)=>oe(e[r*t+s]))}var We=5,Fe=.02,$=130,V=260,I=2*$+V,pt=4,
Be=8e3,ie=15,_e='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',Y=class{constructor(t,e,s){
this.rows=t,this.columns=e;let o=Math.max(
t.length,e.length);this.pitch=Ue(o),this.
height=o*this.pitch+2*pt,this.ratio=Math.
min(devicePixelRatio||1,Be/this.height),
this.canvas=this.#t(),this.#e(s)}#t(){let{
ratio:t,height:e}=this,s=u("canvas","","\
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
offsetY*e-pt)/this.pitch);return t.offsetX*
e>I/2?[-1,b(s,this.columns.length)]:[b(s,
this.rows.length),-1]}draw(t,e,s,o){let r=A(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,I,this.
height),r.strokeStyle=ae("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of Ve(
t,e,s))r.globalAlpha=Xe(i.weight,o),this.#n(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#c(r,e,s)}#n(t,e,s){let[o,r,i]=[
$,$+V,$+V/2],[a,c]=[this.#r(e),this.#r(s)];
t.beginPath(),t.moveTo(o,a),t.bezierCurveTo(
i,a,i,c,r,c),t.stroke()}#r(t){return pt+
(t+.5)*this.pitch}#c(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${_e}`,t.textBaseline=
"middle",t.textAlign="right",this.#h(t,this.
rows,$-6,e),t.textAlign="left",this.#h(t,
this.columns,$+V+6,s)}#h(t,e,s,o){let[r,
i]=[getComputedStyle(document.body).color,
ae("--soft")];e.forEach((a,c)=>{t.fillStyle=
o<0||o===c?r:i,t.fillText(Ke(a),s,this.#r(
c),$-8)})}};function Ue(n){return n<=60?
19:n<=200?12:Math.max(2,Math.floor(3e3/n))}
function Ke(n){return n.length>ie?`${n.slice(
0,ie-1)}…`:n}var Xe=(n,t)=>Math.min(t?
Math.sqrt(n):n,1);function Ve(n,t,e){return(t>=
0?[t]:Array.from({length:n.rows},(o,r)=>r)).
flatMap(o=>Ye(n,o,t>=0,e).map(([r,i])=>({
query:o,key:i,weight:r})))}function Ye(n,t,e,s){
let o=X(n,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>Fe);return e?o:s>=0?o.filter(([
,r])=>r===s):o.sort((r,i)=>i[0]-r[0]).slice(
0,We)}var ae=n=>getComputedStyle(document.
documentElement).getPropertyValue(n);var S=Object.freeze({query:-1,key:-1}),x=n=>n.
query<0&&n.key<0,M=n=>n.query>=0&&n.key>=
0,Ge=["kept","row","column","cell","row-\
tag","column-tag"],G=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
ze(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(Ge.map(o=>[o,Je(o)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=u("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?se(this.measured):
this.measured,ne(this.shown,this.canvas,
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
output.textContent=e<0?"":j(e)}mark(t,e,s){
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
s,o,r,i],{cell:a,height:c,left:h,top:l}){
let d=this.marks[t];d.hidden=!e,d.style.
left=k(h+s*a),d.style.top=k(l+o*c),d.style.
width=k(r*a),d.style.height=k(i*c)}#s(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(u("bdi",e))}#n(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:o}=this.canvas;return{cell:s/
this.shown.columns,height:o/this.shown.rows,
left:t,top:e}}};function ze(n,{rows:t,columns:e},s){
let o=u("canvas","","pixels");return o.style.
setProperty("--rows",String(t)),o.style.
setProperty("--columns",String(e)),o.tabIndex=
0,o.setAttribute("role","application"),o.
setAttribute("aria-roledescription","hea\
tmap"),o.setAttribute("aria-label",`${n}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),o.setAttribute("aria-d\
escribedby",s),o}function Je(n){let t=u(
"div","",`mark-${n}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var Qe=[255,120,0],Ze=.8;async function ce(n){
let t=new Image;t.src=n,await t.decode();
let e=u("canvas");[e.width,e.height]=[t.
naturalWidth,t.naturalHeight];let s=A(e,
{read:!0});return s.drawImage(t,0,0),s.getImageData(
0,0,e.width,e.height)}function he(n,t,[e,
s],o){let{width:r,height:i,data:a}=t;[n.
width,n.height]=[r,i];let c=A(n);if(!o)return c.
putImageData(t,0,0);let h=Math.max(...Array.
from(o))||1,l=c.createImageData(r,i);for(let d=0;d<
i;d++){let p=s*Math.floor(d*e/i);for(let y=0;y<
r;y++){let f=4*(d*r+y),g=.299*a[f]+.587*
a[f+1]+.114*a[f+2],C=Ze*o[p+Math.floor(y*
s/r)]/h;for(let q=0;q<3;q++)l.data[f+q]=
g*(1-C)+Qe[q]*C;l.data[f+3]=255}}c.putImageData(
l,0,0)}function le(n,[t,e],s){n.hidden=s<
0,n.style.setProperty("inset-block-start",
`${100*Math.floor(s/e)/t}%`),n.style.setProperty(
"inset-inline-start",`${100*(s%e)/e}%`),
n.style.width=`${100/e}%`,n.style.height=
`${100/t}%`}var z=class n{static async of(t){let e=t.
closest(".example")?.querySelector(".ove\
rlays .pointed");if(!(e instanceof HTMLElement))
return null;let s=w("img, canvas",e);return(s instanceof
HTMLImageElement?await n.#t(e,s):ue.get(
e))??null}static async#t(t,e){let s=new n(
t,await ce(e.src));return e.replaceWith(
s.canvas),t.hidden=!1,ue.set(t,s),s}constructor(t,e){
let{rows:s,columns:o,queries:r,keys:i}=t.
dataset;this.pixels=e,this.grid=[Number(
s),Number(o)],this.queries=Number(r),this.
keys=Number(i),this.canvas=u("canvas"),this.
canvas.setAttribute("aria-hidden","true"),
this.spot=w(".spot",t),this.words=w("p",
t),this.hint=this.words.textContent??""}show(t,{
query:e,key:s},{rows:o,columns:r}){let i=this.
grid[0]*this.grid[1],a=e>=0&&this.keys>=
0,c=!a&&s>=0&&this.queries>=0,h=Array.from(
{length:a||c?i:0},(p,y)=>{let[f,g]=a?[e,
this.keys+y]:[this.queries+y,s];return Math.
max(0,t.weights[f*t.columns+g])});he(this.
canvas,this.pixels,this.grid,h.length?h:
null);let l=e>=0&&this.queries>=0?e-this.
queries:s-this.keys,d=(e>=0?this.queries:
this.keys)>=0&&l>=0&&l<i;le(this.spot,this.
grid,d&&(e>=0||s>=0)?l:-1),this.words.textContent=
this.hint,a&&(this.words.textContent=`Wh\
ere ${o[e]} looks`),c&&(this.words.textContent=
`From where ${r[s]} is looked at`)}},ue=new WeakMap;var de={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
ts="Point at a map: all show the same pa\
ir of tokens.",J=class{constructor(t,e,s,o){
this.rows=e,this.columns=s,this.many=o,this.
view="matrix",this.hint=u("span",o?ts:de.
matrix,"hint"),this.root=u("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
de[t==="text"&&!e?"text, from":t])}say(t,e,s){
x(t)?this.root.replaceChildren(this.hint):
M(t)?this.#s(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:o,key:r}=t,i=o>=0?E(this.rows[o],
o):E(this.columns[r],r),a=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,s),a)}#e(t,e){
let s=e.strongest(t),o=t.query>=0;if(x(s))
return[o?" looks at nothing that is show\
n":" is looked at by none"];let r=o?E(this.
columns[s.key],s.key):E(this.rows[s.query],
s.query);return[o?" looks most at ":" is\
 looked at most by ",r,", ",u("b",j(e.weightAt(
s)))]}#s(t,e){let{query:s,key:o}=t,[r,i]=[
E(this.rows[s],s),E(this.columns[o],o)];
this.root.replaceChildren(r," → ",i,...this.#n(
t,e))}#n(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",u("b",j(s))]}};var H=class{constructor(t,e,s){this.on=s,
this.root=u("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(es),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,o){
this.spans.forEach((r,i)=>{let a=t?.[i]??
null,c=a===null?null:St(a,o);r.style.background=
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
this.on.over(t)}#n(t,e){if(F(t))return;let s=this.
spans.length-1,o={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:s};
if(t.key in o)this.spans[b(o[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function es(n){let t=u("bdi",n,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var pe=9,Q=class n{#t=S;#e=S;#s=null;#n=null;#r=null;followers=[];static async start(t,e,s,o,r=ee){
let i=new n(t,e,s,o,r);await i.#c(),i.many||
i.#h(),i.#r=await z.of(t);for(let a of i.
maps)i.#y(a);return i.repaint(),t.dataset.
ready="",i}constructor(t,{tokens:e,columns:s,
text:o},r,i,a){this.root=t,this.rows=e,this.
columns=s??e,this.twoTexts=s!==void 0,this.
text=o??e,this.many=t.classList.contains(
"multiples"),this.choices=r,this.onPin=i,
this.weightsOf=a,this.maps=[],this.readout=
new J(`readout-${t.dataset.maps}`,this.rows,
this.columns,this.many),t.prepend(this.readout.
root)}async#c(){let t=W(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,o)=>new G(s,e[o],this.readout.root.
id))}#h(){let t=u("div","","map-text"),e=this.
twoTexts?"The text whose tokens look":"T\
he text",s=this.#d(()=>this.readsRows()),
o=new H(this.text,e,s);t.append(o.root);
let r=null;if(this.twoTexts){let i=this.#d(
()=>!1);r=new H(this.columns,"The text t\
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
return;this.#n=new Y(this.rows,this.columns,
{over:(e,s)=>this.#o({query:e,key:s}),out:()=>this.#l(),
pin:e=>this.#i({query:e,key:-1})});let t=u(
"div","","scroll arcs-view");t.append(this.#n.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#p()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=pe)return;let o=e.clientWidth-
w(".axis-rows",e).offsetWidth-8,r=this.columns.
length;o>0&&s*r>o&&t.setProperty("--cell",
k(Math.max(pe,Math.floor(o/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#u(x(this.#t)?
t:this.#t),this.#a()}#i(t){this.pin(fe(t,
this.#e)?S:t)}#o(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#l(){this.#o(S)}follow(t){
fe(t,this.#t)||(this.#t=t,this.#u(x(t)?this.#e:
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
r=o?X(s,t):null,i=!o&&e>=0?re(s,e):null;
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
F(t)||(t.preventDefault(),t.stopPropagation(),
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
fe=(n,t)=>n.query===t.query&&n.key===t.key;var N=["a","b"],Z=class{#t=[];#e=0;constructor(){
this.form=w(".heads-controls"),this.controls=
te(),this.problem=w("#heads-problem")}async start(){
w("[data-without-script]").hidden=!0,this.
form.addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("change",t=>{
this.#d(t)}),w("[data-swap]").addEventListener(
"click",()=>{this.#f()}),this.controls.listen(
()=>this.#l(),()=>{}),Et(()=>this.#u()),
addEventListener("resize",()=>{for(let t of this.#t)
t.resize()}),P.onChange(()=>{this.#n()}),
await this.#n()}#s(t){return mt(this.form,
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
o,`${o}/data`).heads(),c=0,h=a.map(([l,d])=>{
let p=u("optgroup");p.label=l;for(let y=c+
d;c<y;c++){let[f]=i[c];p.append(new Option(
[r[c],f&&O(f[0])].filter(Boolean).join("\
 "),r[c]))}return p});s.replaceChildren(
...h.filter(l=>l.children.length)),r.includes(
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
all(o.map(([c,h])=>It(c,h)));if(s!==this.#e)
return;document.title=`${r.name} and ${i.
name} · headatlas`,N.forEach((c,h)=>{ns(
w(`[data-side=${c}]`),[r,i][h])});let a=this.#m(
Nt(r,i),t);if(await this.#w([r,i],a),e)for(let c of this.#t)
ss(c,e)&&c.keep(e);this.#y(r,i),w("#head\
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
-side=${h}] figure`)),r=s.map((h,l)=>h?os(
t[l],h.sequence,l):null);o.forEach((h,l)=>{
h.replaceChildren(...[r[l]].filter(d=>d!==
null))});let i=r.map((h,l)=>{let d=s[l];
return h&&d?Q.start(h,d.sequence,()=>this.
controls.choices(),p=>this.#p(p),()=>t[l].
map(d.number)):null});this.#t=(await Promise.
all(i)).filter(h=>h!==null);let[a,c]=this.#t;
c&&s[0]&&s[1]&&lt(s[0].sequence,s[1].sequence)&&
([a.followers,c.followers]=[[c],[a]])}#p(t){
for(let e of this.#t)e.followers.length&&
e.keep(t);this.#o({row:t.query,column:t.
key})}#y(t,e){let s=Bt(t,e);w("#score-di\
fferences").replaceChildren(...s.rows),w(
"#score-caption").textContent=`The ${s.shown}\
 patterns of ${s.n} in which the two dif\
fer most, each on the probe it is meant \
to be read on, with 95% intervals. Diffe\
rence: the second less the first; what i\
s no share of attention is ordered by it\
s part of the largest in the first model\
.`;let o=_t(t,e);w("#evidence-difference\
s").replaceChildren(...o.n?o.rows:[]);for(let r of W(
HTMLElement,"[data-of-evidence]"))r.hidden=
!o.n}},ss=(n,{query:t,key:e})=>t<n.rows.
length&&e<n.columns.length;function ns(n,{
slug:t,model:e,name:s,labels:o}){let r=w(
"h2 a",n);[r.textContent,r.href]=[s,`${t}\
/heads/${s}.html`],w("[data-model]",n).textContent=
e;let i=o.map(({name:a,strength:c,hue:h})=>{
let l=u("li",`${O(a)} `,`chip ${h}`);return c!==
null&&l.append(u("b",jt(c))),l});w(".chi\
ps",n).replaceChildren(...i.length?i:[u(
"li","no label","soft")])}function os({name:n,
model:t},{tokens:e,columns:s,axes:o,step:r,
cells:i,on:a},c){let h=u("div","",`map-s\
et cell-${i[0]} step-${r}`);h.dataset.maps=
String(c);let l=u("div","","maps labelle\
d");for(let[y,f]of[["rows",0],["columns",
1]]){let g=u("pre",o[f],`axis-${y}`);g.setAttribute(
"aria-hidden","true"),g.translate=!1,l.append(
g)}let d=u("img","","pixels");[d.width,d.
height]=[(s??e).length*i[0],e.length*i[0]],
d.alt=`Attention of ${n} of ${t} on ${a}`;
let p=u("div","","map");return p.append(
d),l.append(p),h.append(l),h}wt();new Z().start();})();
