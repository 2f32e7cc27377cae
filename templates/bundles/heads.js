// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function u(s,t="",e=""){let n=document.createElement(
s);return n.textContent=t,e&&(n.className=
e),n}function A(s,{read:t=!1}={}){return s.getContext(
"2d",t?{willReadFrequently:!0}:void 0)}function mt(s,t){
let e=u("a",s);return e.href=t,e}function E(s,t){
let e=u("span"),n=u("bdi",s,"token");return n.
translate=!1,e.append(n,u("span",` ${t}`,
"soft")),e}var k=s=>`${s}px`,b=(s,t)=>Math.
min(t-1,Math.max(0,s));function w(s,t=document){
return t.querySelector(s)}function W(s,t,e=document){
return Array.from(e.querySelectorAll(t)).
filter(n=>n instanceof s)}function wt(s,t){
return s.elements.namedItem(t)}var F=s=>s.altKey||s.ctrlKey||s.metaKey;function yt(){for(let s of document.querySelectorAll(
"[data-needs-script]"))s.removeAttribute(
"hidden")}function T(...s){return{read:t=>s.find(e=>e===
t)??s[0],write:t=>t===s[0]?"":t}}var m={
read:s=>s??"",write:s=>s},L={read:s=>/^\d+$/.
test(s??"")?Number(s):-1,write:s=>s<0?"":
String(s)},we={read:s=>({column:(s||"hea\
d").replace(/^-/,""),down:s?.startsWith(
"-")??!1}),write:({column:s,down:t})=>s===
"head"&&!t?"":(t?"-":"")+s},ye={read:s=>s?
s.split(","):null,write:s=>s?s.join()||"\
none":""},ge={read:s=>(s??"").split(",").
filter(Boolean).map(xe),write:s=>s.map(({
column:t,least:e,most:n})=>`${t}:${e??""}\
:${n??""}`).join()};function xe(s){let t=s.
split(":"),[e,n]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:n?Number(n):void 0}}var v=class{constructor(t){
this.fields=t}read(){let{choices:t}=gt(),
e=Object.entries(this.fields).map(([n,o])=>[
n,o.read(t.get(n))]);return Object.fromEntries(
e)}format(t,e=""){let n=new URLSearchParams;
for(let[o,r]of Object.entries(this.fields)){
let i=o in t?r.write(t[o]):"";i&&n.set(o,
i)}return[e,String(n).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:n=!0}={}){let o=this.format(t,e);if(location.
hash===(o&&`#${o}`))return;let r=n?history.
pushState:history.replaceState;try{r.call(
history,null,"",o?`#${o}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!ke())&&
t()})}};function gt(){let s=location.hash.
slice(1),[t,...e]=s.split("&"),n=t.includes(
"=")?"":t;return{anchor:n,choices:new URLSearchParams(
n?e.join("&"):s)}}function ke(){let{anchor:s}=gt(),
t=Number(s.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(s)?s:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??s}var xt={view:T("matrix","t\
ext","arcs"),direction:T("to","from"),scale:T(
"linear","root"),sink:T("","show","hide"),
row:L,column:L},as=new v(xt),P=new v({a:m,
b:m,text:m,...xt}),cs=new v({pattern:m,probe:m,
value:T("score","sinkfree"),scale:T("ful\
l","fit"),label:m}),hs=new v({text:m,label:m,
probe:m,from:m,to:m,sort:we,columns:ye,range:ge,
page:L}),ls=new v({x:m,y:m}),us=new v({by:m,
through:m,from:m,to:m,head:m,least:L}),ds=new v(
{a:m,b:m,pattern:m}),ps=new v({picture:m,
head:m,step:L,word:L});var bt=s=>Array.from({length:256},(t,e)=>Number.
parseInt(s.slice(6*e,6*e+6),16)),et=bt(window.
headatlas.light),be=bt(window.headatlas.
dark),kt=new Map(et.map((s,t)=>[s,t])),vt=matchMedia(
"(prefers-color-scheme: dark)"),At=[],Et=!1,
st=()=>vt.matches&&!Et?be:et;var $t=s=>At.push(s);function St(){for(let s of At)
s()}vt.addEventListener("change",St);for(let[
s,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(s,()=>{Et=t,St()});
var ve=s=>`#${s.toString(16).padStart(6,
"0")}`,nt=(s,t)=>Math.round(255*(t?Math.
sqrt(s):s));function Mt(s,t,e=st()){let n=e[nt(
Math.min(Math.max(s,0),1),t)],o=Ae(n)>.179;
return{background:ve(n),color:o?"#000":"\
#fff"}}function Ae(s){let[t,e,n]=tt(s).map(
o=>{let r=o/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*n}var tt=s=>[16,8,0].map(t=>s>>t&
255);function Ct(s){let t=kt.get(s);return t===
void 0&&(t=Ee(s),kt.set(s,t)),t}function Ee(s){
let t=tt(s),e=et.map(n=>tt(n).reduce((o,r,i)=>o+
(r-t[i])**2,0));return e.indexOf(Math.min(
...e))}async function B(s){let t=new Uint16Array(
s.length),e=0;for(let r=1;r<s.length;r++){
let i=s.charCodeAt(r);t[e++]=i===57344?s.
charCodeAt(++r)^32768:i}let n=new Uint8Array(
t.buffer,0,2*e-Number(s[0])),o=new Blob(
[n]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function _(s){let t=await B(
s),e=4+new DataView(t.buffer).getUint32(
0,!0),[n,o,r]=JSON.parse(new TextDecoder().
decode(t.subarray(4,e))),i=o*r,a=new Float64Array(
i);for(let h=t.length;h>e;h-=i||h)for(let l=0;l<
i;l++)a[l]=256*a[l]+t[h-i+l];let c=Array.
from({length:r},(h,l)=>Array.from(a.subarray(
l*o,(l+1)*o),$e));return{facts:n,columns:c}}
var $e=s=>s===0?null:s%2?(s-1)/2:-s/2;function R(s,t){return{heads:()=>at(`${s}\
 heads`,`${t}/heads.js`,Me),numbers:e=>at(
`${s} ${e}`,`${t}/${e.split("#")[0]}.js`,
Ce),circuits:()=>Se(`${s} circuits`,`${t}\
/circuits.js`)}}var ot=new Map;function at(s,t,e){
let n=async()=>{let{facts:r,columns:i}=await _(
await qt(s,t));return e(r,i)},o=ot.get(s)??
n();return ot.set(s,o),o.catch(()=>ot.delete(
s)),o}var Se=(s,t)=>at(s,t,e=>e);function Me(s,t){
return Object.values(s.patterns).forEach(
(e,n)=>{e.score=t[n]}),s}function Ce(s,t){
let e=s.against?1:2;return Object.values(
s.probes).forEach((n,o)=>{let[r,i]=t.slice(
o*e,(o+1)*e);n.score=r,n.sinkfree=i?.map(
(a,c)=>a===null?null:a+(r[c]??0))??[]}),
s}var rt=new Map,qe=s=>new Promise((t,e)=>{
let n=document.createElement("script");n.
src=s,n.onload=()=>t(),n.onerror=()=>e(new Error(
`${s} could not be loaded`)),document.head.
append(n)});async function qt(s,t){if(!(window.
headatlas?.data&&s in window.headatlas.data)){
let e=rt.get(t)??qe(t);rt.set(t,e),await e.
finally(()=>rt.delete(t))}return window.
headatlas.data[s]}var it=new Map;function ct(s,t){
return it.has(t)||(window.headatlas?.data&&
delete window.headatlas.data[s],it.set(t,
qt(s,t))),it.get(t)}var Tt=()=>window.headatlas.data.layers;
function U(){let s=document.querySelector(
"h1")?.textContent?.trim().replace(/H\d+$/,
"")??"";return Tt()?.layers[s]}async function Lt(s=Tt()){
if(!s)return null;let[t,e]=await Promise.
all([B(s.tables),_(s.scores)]);return{...JSON.
parse(new TextDecoder().decode(t)),scores:Te(
e)}}function Te({facts:[s,t,e],columns:n}){
let o=Object.fromEntries(s.map((a,c)=>[a,
n[c]])),r=Array.from(o.queries.keys()),i=a=>{
let c=r.filter(l=>l%t.length===a&&o.queries[l]!==
null),h=Object.fromEntries(s.map(l=>[l,c.
map(d=>o[l][d])]));return{...h,pattern:c.
map(l=>Math.floor(l/t.length)),rival:h.rival.
map(l=>l===null?null:e[l])}};return Object.
fromEntries(t.map((a,c)=>[a,i(c)]))}function K(s,t=U()){let e=t?.maps[s];return t&&
e?t.kept[e[0]]:[]}var Le=(s,t=U())=>t?.rests[s]??
[];function Oe(s,t=U()){return Object.keys(
t?.maps??{}).filter(e=>K(e,t).includes(s))}
var ht=new Map;async function lt(s,t,e,n=U()){
if(s==="mean")return Ie(await Promise.all(
Oe(t,n).map(f=>lt(f,t,e,n))));let{causal:o,
maps:r}=n,[i,a]=[K(s,n),r[s][1]];ht.has(
a)||ht.set(a,B(a));let c=await ht.get(a),
{rows:h,columns:l}=e[t],d=(f,g)=>o?Math.
min(f+1,g):g,p=0;for(let f of i.slice(0,
i.indexOf(t)))for(let g=0;g<e[f].rows;g++)
p+=d(g,e[f].columns);let y=new Int16Array(
h*l).fill(-1);for(let f=0;f<h;f++){let g=d(
f,l),C=c.subarray(p,p+g);y.set(C,f*l),y[f*
l]=C[0]+255-C.subarray(1).reduce((q,me)=>q+
me,0)&255,p+=g}return{rows:h,columns:l,weights:y,
rests:Le(t,n)}}function Ie(s){let[{rows:t,
columns:e,rests:n}]=s,o=new Int16Array(t*
e);for(let r=0;r<o.length;r++){let i=s.reduce(
(c,h)=>c+h.weights[r],0)/s.length,a=Math.
round(i);o[r]=a-i===.5&&a%2?a-1:a}return{
rows:t,columns:e,weights:o,rests:n}}var Ne=24;async function It(s,t){let e=`${s}\
/data`,n=await R(s,e).heads(),o=t.replace(
/H\d+$/,""),[,,r,i]=n.layers.find(([p])=>p===
o)??[o,0,"self",0],[a,c]=await Promise.all(
[ct("layers",`${e}/layers-${i}.js`),ct("\
tokens",`${e}/tokens-${r}.js`)]),h=c.map(
({tokens:p,columns:y})=>({rows:p.length,
columns:(y??p).length})),l=a.layers[o],d=K(
t,l);return{slug:s,model:n.model,name:t,
labels:n.labels[n.heads.indexOf(t)].map(
([p,y])=>({name:p,strength:y,hue:n.patterns[p]?.
hue??""})),texts:new Map(d.map(p=>[Pe(c[p]),
{number:p,sequence:c[p]}])),map:p=>lt(t,
p,h,l),tables:await Lt(a)}}var Pe=({file:s,
sequence:t})=>`${s}-${t}`,ut=(s,t)=>s.tokens.
join(`
`)===t.tokens.join(`
`)&&s.columns?.join(`
`)===t.columns?.join(`
`);function Ot({tokens:s}){return s.filter(
e=>!/^(\[.*\]|<.*>)$/.test(e)).join("").
toLowerCase().replace(/[^\p{L}\p{N}]/gu,
"").slice(0,Ne)}function Nt(s,t){let e=[];
for(let[n,{sequence:o}]of s.texts){let r=t.
texts.get(n)?.sequence;r&&e.push({anchor:n,
sequence:o,alike:Ot(o)===Ot(r),equal:ut(
o,r)})}return e.sort((n,o)=>Number(o.alike)-
Number(n.alike)||n.sequence.rank-o.sequence.
rank)}var Re=/^[-–+\d.]+$/;function Pt(s){let t=u(
"tr");return t.append(...s.map((e,n)=>{let o=Dt(
e,"col");return typeof e=="string"&&n>0&&
(o.className="n"),o})),t}function Rt([s,
...t]){let e=u("tr");return e.append(Dt(
s,"row"),...t.map(De)),e}function Dt(s,t){
let e=u("th");return e.scope=t,e.append(
s),e}function De(s){let t=u("td");return typeof s==
"string"&&Re.test(s)&&(t.className="n"),
t.append(s),t}var O=s=>s.replaceAll("_"," ");function D(s){
return s==null?"–":s.toFixed(Math.abs(
s)<10?3:1)}function jt(s){return s===null?"–":Math.
abs(s)>=9.95?s.toFixed(0):Math.abs(s)>1?
s.toFixed(1):s.toFixed(2).replace("1.00",
"1").replace("-0.00","0.00").replace("0.",
".")}var je=20;function Bt(s,t){let e=Xt(Wt(s),
Wt(t)).sort((o,r)=>r.apart-o.apart),n=e.
slice(0,je);return{rows:[Ut("Pattern",s,
t),Kt(n)],n:e.length,shown:n.length}}function _t(s,t){
let e=Xt(Ft(s),Ft(t)),o=Array.from(new Set(
e.map(({name:r})=>r.textContent))).flatMap(
r=>e.filter(({name:i})=>i.textContent===
r));return{rows:[Ut("Evidence",s,t),Kt(o)],
n:o.length}}function Ut(s,t,e){let n=u("\
thead"),[o,r]=t.model===e.model?[t.name,
e.name]:[t,e].map(({model:i,name:a})=>`${a}\
, ${i}`);return n.append(Pt([s,o,r,"Diff\
erence"])),n}function Kt(s){let t=u("tbo\
dy");return t.append(...s.map(({name:e,probe:n,
own:o,other:r,difference:i})=>{let a=Number.
isNaN(i)?"–":(i>0?"+":"")+D(i);return Rt(
[He(e,n),Ht(o),Ht(r),a])})),t}function He(s,t){
let e=u("span");return e.append(s," ",u(
"span",O(t),"soft")),e}function Ht(s){if(!s)
return"–";let{value:t,low:e,high:n,estimated:o}=s,
r=u("span",`${o?"about ":""}${D(t)}`,"wi\
th-interval");return e!==null&&n!==null&&
r.append(" ",u("span",`${D(e)} to ${D(n)}`,
"soft")),r}function Xt(s,t){let e=new Map(
t.map(i=>[i.key,i])),n=new Set(s.map(({key:i})=>i)),
o=s.map(i=>({line:i,own:i.measured,other:e.
get(i.key)?.measured})),r=t.filter(({key:i})=>!n.
has(i)).map(i=>({line:i,own:void 0,other:i.
measured}));return[...o,...r].map(({line:{
name:i,probe:a,scale:c},own:h,other:l})=>{
let d=h&&l?l.value-h.value:Number.NaN;return{
name:i,probe:a,own:h,other:l,difference:d,
apart:Math.abs(d)/c}})}function Wt({name:s,
tables:t}){let e=t?.scores[s];return t&&
e?e.pattern.flatMap((n,o)=>{let[r,i,,,a,
c]=t.patterns[n],h=Vt(e.score[o],e.low[o],
e.high[o],!1),l=mt(O(r),`patterns/${i}.h\
tml`);return h?[{key:r,name:l,probe:a,measured:h,
scale:c}]:[]}):[]}function Ft({name:s,tables:t}){
let e=t?.evidence.heads[s];return t&&e?e.
line.flatMap((n,o)=>{let[,r,i,a,c]=t.evidence.
lines[n],h=Vt(e.value[o],e.low[o],e.high[o],
!!e.estimated[o]),l=u("span",`${r} `);return l.
append(u("span",a,"soft")),h?[{key:`${i}\
 ${c}`,name:l,probe:c,measured:h,scale:1}]:
[]}):[]}function Vt(s,t,e,n){let o=r=>r===
null?null:r/1e3;return s===null?null:{value:s/
1e3,low:o(t),high:o(e),estimated:n}}var Yt="headatlas-sink";function Gt(){try{
let s=localStorage.getItem(Yt);return s===
"hide"||s==="show"?s:""}catch{return""}}
function zt(s){try{localStorage.setItem(
Yt,s?"hide":"show")}catch{}}var Jt=4,pt=class{constructor(t){this.form=
t,t?.addEventListener("submit",e=>e.preventDefault())}state(){
return{view:this.#s("view")||"matrix",direction:this.#s(
"direction")||"to",scale:this.#s("scale")||
"linear",sink:this.#e()}}choices(){let{view:t,
direction:e,scale:n}=this.state();return{
view:t,direction:e,squareRoot:n==="root",
sink:this.#t()?.checked??!1}}#t(){let t=this.
form?.elements.namedItem("sink");return t instanceof
HTMLInputElement?t:null}#e(){let t=this.#t();
return!t||t.checked===t.defaultChecked?"":
t.checked?"hide":"show"}#s(t){let e=this.
form?.elements.namedItem(t);return e instanceof
RadioNodeList||e instanceof HTMLSelectElement?
e.value:""}show(t){for(let n of["view","\
direction","scale"]){let o=this.form?.elements.
namedItem(n);(o instanceof RadioNodeList||
o instanceof HTMLSelectElement)&&(o.value=
t[n])}let e=this.#t();e&&(e.checked=t.sink?
t.sink==="hide":e.defaultChecked)}recallSink(){
let[t,e]=[this.#t(),Gt()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let n of this.form?.querySelectorAll(
"[data-direction]")??[])n.toggleAttribute(
"hidden",t==="arcs");for(let n of document.
querySelectorAll(".scale"))n.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((n,o)=>{
let r=e?(o/Jt)**2:o/Jt;n.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:n})=>{
let o=this.#t();o&&n===o&&zt(o.checked),
t()}),this.form?.addEventListener("click",
n=>{let o=n.target instanceof HTMLElement?
n.target.dataset.save:void 0;o&&e(o)})}};
function te(){let s=document.querySelector(
".map-controls");return s&&We(s),new pt(
s)}function We(s){let t=s.dataset.offers?.
split(" ")??[];t.includes("views")&&(s.append(
Zt("View","view",["matrix","text","arcs"]),
Zt("Direction","direction",["to","from"],
["looks at","is looked at by"])),s.children[1].
toggleAttribute("data-direction",!0));let e=u(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let n=u("input");[n.type,n.
name,n.defaultChecked]=["checkbox","sink",
t.includes("aside")],s.append(dt("label",
"Colour scale ",e),dt("label",n," set th\
e sink aside")),t.includes("saves")&&s.append(
dt("span","Download ",Qt("svg")," ",Qt("\
png")))}function dt(s,...t){let e=u(s,"",
"control");return e.append(...t),e}function Qt(s){
let t=u("button",s.toUpperCase());return t.
type="button",t.dataset.save=s,t}function Zt(s,t,e,n=e){
let o=u("fieldset","","choice");return o.
append(u("legend",s,"hidden")),e.forEach(
(r,i)=>{let[a,c]=[u("label"),u("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,i===0],a.append(c,n[i]),o.append(
a)}),o}async function ee(s,t,e){await s.decode();
let n=u("canvas");[n.width,n.height]=[e,
t];let o=A(n,{read:!0});o.drawImage(s,0,
0,e,t);let r=o.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let a=0;a<i.length;a++){
let c=r[4*a]<<16|r[4*a+1]<<8|r[4*a+2];i[a]=
r[4*a+3]<128?-1:Ct(c)}return{rows:t,columns:e,
weights:i}}function se({rows:s,columns:t,
weights:e,rests:n=[]}){let o=new Set([0,
...n]),r=new Int16Array(e.length);for(let i=0;i<
s;i++){let a=e.subarray(i*t,(i+1)*t),c=a.
reduce((d,p)=>d+Math.max(p,0),0),h=c;for(let d of o)
h-=Math.max(a[d],0);let l=d=>h<3?0:Math.
round(d*c/h);r.set(a.map((d,p)=>d<0||o.has(
p)?-1:l(d)),i*t)}return{rows:s,columns:t,
weights:r}}function ne(s,t,e,n=st()){[t.
width,t.height]=[s.columns,s.rows];let o=A(
t,{read:!0}),r=o.createImageData(s.columns,
s.rows),i=new Uint32Array(r.data.buffer),
a=Uint32Array.from({length:256},(c,h)=>{
let l=n[nt(h/255,e)];return(4278190080|(l&
255)<<16|l&65280|l>>16)>>>0});s.weights.
forEach((c,h)=>{c>=0&&(i[h]=a[Math.min(c,
255)])}),o.putImageData(r,0,0)}var j=s=>(s/
255).toFixed(3),oe=s=>s<0?null:s/255;function X({
columns:s,weights:t},e){return Array.from(
t.subarray(e*s,(e+1)*s),oe)}function re({
rows:s,columns:t,weights:e},n){return Array.
from({length:s},(o,r)=>oe(e[r*t+n]))}var Fe=5,Be=.02,$=130,V=260,I=2*$+V,ft=4,
_e=8e3,ie=15,Ue='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',Y=class{constructor(t,e,n){
this.rows=t,this.columns=e;let o=Math.max(
t.length,e.length);this.pitch=Ke(o),this.
height=o*this.pitch+2*ft,this.ratio=Math.
min(devicePixelRatio||1,_e/this.height),
this.canvas=this.#t(),this.#e(n)}#t(){let{
ratio:t,height:e}=this,n=u("canvas","","\
arcs");return[n.width,n.height]=[Math.round(
I*t),Math.round(e*t)],[n.style.width,n.style.
aspectRatio]=[k(I),`${I} / ${e}`],n.setAttribute(
"role","img"),n.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),n}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#s(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
n]=this.#s(e);n>=0&&t.pin(n)})}#s(t){let e=I/
this.canvas.clientWidth,n=Math.floor((t.
offsetY*e-ft)/this.pitch);return t.offsetX*
e>I/2?[-1,b(n,this.columns.length)]:[b(n,
this.rows.length),-1]}draw(t,e,n,o){let r=A(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,I,this.
height),r.strokeStyle=ae("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of Ye(
t,e,n))r.globalAlpha=Ve(i.weight,o),this.#n(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#c(r,e,n)}#n(t,e,n){let[o,r,i]=[
$,$+V,$+V/2],[a,c]=[this.#r(e),this.#r(n)];
t.beginPath(),t.moveTo(o,a),t.bezierCurveTo(
i,a,i,c,r,c),t.stroke()}#r(t){return ft+
(t+.5)*this.pitch}#c(t,e,n){t.font=`${Math.
min(this.pitch-2,12)}px ${Ue}`,t.textBaseline=
"middle",t.textAlign="right",this.#h(t,this.
rows,$-6,e),t.textAlign="left",this.#h(t,
this.columns,$+V+6,n)}#h(t,e,n,o){let[r,
i]=[getComputedStyle(document.body).color,
ae("--soft")];e.forEach((a,c)=>{t.fillStyle=
o<0||o===c?r:i,t.fillText(Xe(a),n,this.#r(
c),$-8)})}};function Ke(s){return s<=60?
19:s<=200?12:Math.max(2,Math.floor(3e3/s))}
function Xe(s){return s.length>ie?`${s.slice(
0,ie-1)}…`:s}var Ve=(s,t)=>Math.min(t?
Math.sqrt(s):s,1);function Ye(s,t,e){return(t>=
0?[t]:Array.from({length:s.rows},(o,r)=>r)).
flatMap(o=>Ge(s,o,t>=0,e).map(([r,i])=>({
query:o,key:i,weight:r})))}function Ge(s,t,e,n){
let o=X(s,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>Be);return e?o:n>=0?o.filter(([
,r])=>r===n):o.sort((r,i)=>i[0]-r[0]).slice(
0,Fe)}var ae=s=>getComputedStyle(document.
documentElement).getPropertyValue(s);var S=Object.freeze({query:-1,key:-1}),x=s=>s.
query<0&&s.key<0,M=s=>s.query>=0&&s.key>=
0,ze=["kept","row","column","cell","row-\
tag","column-tag"],G=class{constructor(t,e,n){
this.measured=e,this.shown=e,this.canvas=
Je(t.alt,e,n),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(ze.map(o=>[o,Qe(o)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=u("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?se(this.measured):
this.measured,ne(this.shown,this.canvas,
e)}cellAt(t){let{rows:e,columns:n}=this.
shown;return{query:b(Math.floor(t.offsetY/
this.canvas.clientHeight*e),e),key:b(Math.
floor(t.offsetX/this.canvas.clientWidth*
n),n)}}start(){let{rows:t,columns:e,weights:n}=this.
shown,o=n.subarray(e*(t-1),e*t);return{query:t-
1,key:o.indexOf(Math.max(...o))}}weightAt({
query:t,key:e}){return this.shown.weights[t*
this.shown.columns+e]}strongest({query:t,
key:e}){let{rows:n,columns:o}=this.shown,
r=Array.from({length:t>=0?o:n},(c,h)=>t>=
0?{query:t,key:h}:{query:h,key:e}),i=r.map(
c=>this.weightAt(c)),a=Math.max(...i);return a>
0?r[i.indexOf(a)]:S}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":j(e)}mark(t,e,n){
let{rows:o,columns:r}=this.shown,{query:i,
key:a}=t,c=this.#n();this.#e("row",i>=0,
[0,i,r,1],c),this.#e("column",a>=0,[a,0,
1,o],c),this.#e("cell",M(t),[a,i,1,1],c);
let h=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,o];this.#e("kept",!x(e),h,c),this.#s(
"row-tag",n.row),this.#s("column-tag",n.
column),this.marks["row-tag"].style.top=
k(c.top+(i+.5)*c.height),this.marks["col\
umn-tag"].style.left=k(c.left+(a+.5)*c.cell)}#e(t,e,[
n,o,r,i],{cell:a,height:c,left:h,top:l}){
let d=this.marks[t];d.hidden=!e,d.style.
left=k(h+n*a),d.style.top=k(l+o*c),d.style.
width=k(r*a),d.style.height=k(i*c)}#s(t,e){
let n=this.marks[t];n.hidden=e===void 0,
e!==void 0&&n.replaceChildren(u("bdi",e))}#n(){
let{offsetLeft:t,offsetTop:e,clientWidth:n,
clientHeight:o}=this.canvas;return{cell:n/
this.shown.columns,height:o/this.shown.rows,
left:t,top:e}}};function Je(s,{rows:t,columns:e},n){
let o=u("canvas","","pixels");return o.style.
setProperty("--rows",String(t)),o.style.
setProperty("--columns",String(e)),o.tabIndex=
0,o.setAttribute("role","application"),o.
setAttribute("aria-roledescription","hea\
tmap"),o.setAttribute("aria-label",`${s}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),o.setAttribute("aria-d\
escribedby",n),o}function Qe(s){let t=u(
"div","",`mark-${s}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var Ze=[255,120,0],ts=.8;async function ce(s){
let t=new Image;t.src=s,await t.decode();
let e=u("canvas");[e.width,e.height]=[t.
naturalWidth,t.naturalHeight];let n=A(e,
{read:!0});return n.drawImage(t,0,0),n.getImageData(
0,0,e.width,e.height)}function he(s,t,[e,
n],o){let{width:r,height:i,data:a}=t;[s.
width,s.height]=[r,i];let c=A(s);if(!o)return c.
putImageData(t,0,0);let h=Math.max(...Array.
from(o))||1,l=c.createImageData(r,i);for(let d=0;d<
i;d++){let p=n*Math.floor(d*e/i);for(let y=0;y<
r;y++){let f=4*(d*r+y),g=.299*a[f]+.587*
a[f+1]+.114*a[f+2],C=ts*o[p+Math.floor(y*
n/r)]/h;for(let q=0;q<3;q++)l.data[f+q]=
g*(1-C)+Ze[q]*C;l.data[f+3]=255}}c.putImageData(
l,0,0)}function le(s,[t,e],n){s.hidden=n<
0,s.style.setProperty("inset-block-start",
`${100*Math.floor(n/e)/t}%`),s.style.setProperty(
"inset-inline-start",`${100*(n%e)/e}%`),
s.style.width=`${100/e}%`,s.style.height=
`${100/t}%`}var z=class s{static async of(t){let e=t.
closest(".example")?.querySelector(".ove\
rlays .pointed");if(!(e instanceof HTMLElement))
return null;let n=w("img, canvas",e);return(n instanceof
HTMLImageElement?await s.#t(e,n):ue.get(
e))??null}static async#t(t,e){let n=new s(
t,await ce(e.src));return e.replaceWith(
n.canvas),t.hidden=!1,ue.set(t,n),n}constructor(t,e){
let{rows:n,columns:o,queries:r,keys:i}=t.
dataset;this.pixels=e,this.grid=[Number(
n),Number(o)],this.queries=Number(r),this.
keys=Number(i),this.canvas=u("canvas"),this.
canvas.setAttribute("aria-hidden","true"),
this.spot=w(".spot",t),this.words=w("p",
t),this.hint=this.words.textContent??""}show(t,{
query:e,key:n},{rows:o,columns:r}){let i=this.
grid[0]*this.grid[1],a=e>=0&&this.keys>=
0,c=!a&&n>=0&&this.queries>=0,h=Array.from(
{length:a||c?i:0},(p,y)=>{let[f,g]=a?[e,
this.keys+y]:[this.queries+y,n];return Math.
max(0,t.weights[f*t.columns+g])});he(this.
canvas,this.pixels,this.grid,h.length?h:
null);let l=e>=0&&this.queries>=0?e-this.
queries:n-this.keys,d=(e>=0?this.queries:
this.keys)>=0&&l>=0&&l<i;le(this.spot,this.
grid,d&&(e>=0||n>=0)?l:-1),this.words.textContent=
this.hint,a&&(this.words.textContent=`Wh\
ere ${o[e]} looks`),c&&(this.words.textContent=
`From where ${r[n]} is looked at`)}},ue=new WeakMap;var de={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
es="Point at a map: all show the same pa\
ir of tokens.",J=class{constructor(t,e,n,o){
this.rows=e,this.columns=n,this.many=o,this.
view="matrix",this.hint=u("span",o?es:de.
matrix,"hint"),this.root=u("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
de[t==="text"&&!e?"text, from":t])}say(t,e,n){
x(t)?this.root.replaceChildren(this.hint):
M(t)?this.#s(t,n):this.#t(t,e,n)}#t(t,e,n){
let{query:o,key:r}=t,i=o>=0?E(this.rows[o],
o):E(this.columns[r],r),a=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,n),a)}#e(t,e){
let n=e.strongest(t),o=t.query>=0;if(x(n))
return[o?" looks at nothing that is show\
n":" is looked at by none"];let r=o?E(this.
columns[n.key],n.key):E(this.rows[n.query],
n.query);return[o?" looks most at ":" is\
 looked at most by ",r,", ",u("b",j(e.weightAt(
n)))]}#s(t,e){let{query:n,key:o}=t,[r,i]=[
E(this.rows[n],n),E(this.columns[o],o)];
this.root.replaceChildren(r," → ",i,...this.#n(
t,e))}#n(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let n=e.weightAt(
t);return n<0?[": the sink, taken out"]:
this.many?[]:[": ",u("b",j(n))]}};var H=class{constructor(t,e,n){this.on=n,
this.root=u("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(ss),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,n,o){
this.spans.forEach((r,i)=>{let a=t?.[i]??
null,c=a===null?null:Mt(a,o);r.style.background=
c?.background??"",r.style.color=c?.color??
"",r.title=a===null?"":a.toFixed(3),r.classList.
toggle("chosen",i===e),r.classList.toggle(
"unseen",t!==null&&a===null),r.setAttribute(
"aria-pressed",String(n&&i===e))})}#t(){
let{root:t,on:e}=this;t.addEventListener(
"pointerover",n=>this.#e(n,e.over)),t.addEventListener(
"pointerleave",e.out),t.addEventListener(
"click",n=>this.#e(n,e.pin)),t.addEventListener(
"focusin",n=>this.#e(n,o=>this.#s(o))),t.
addEventListener("keydown",n=>this.#e(n,
o=>this.#n(n,o)))}#e(t,e){let n=this.spans.
indexOf(t.target);n>=0&&e(n)}#s(t){for(let e of this.
spans)e.tabIndex=-1;this.spans[t].tabIndex=
0,this.spans[t].matches(":focus-visible")&&
this.on.over(t)}#n(t,e){if(F(t))return;let n=this.
spans.length-1,o={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:n};
if(t.key in o)this.spans[b(o[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function ss(s){let t=u("bdi",s,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var pe=9,Q=class s{#t=S;#e=S;#s=null;#n=null;#r=null;followers=[];static async start(t,e,n,o,r=ee){
let i=new s(t,e,n,o,r);await i.#c(),i.many||
i.#h(),i.#r=await z.of(t);for(let a of i.
maps)i.#y(a);return i.repaint(),t.dataset.
ready="",i}constructor(t,{tokens:e,columns:n,
text:o},r,i,a){this.root=t,this.rows=e,this.
columns=n??e,this.twoTexts=n!==void 0,this.
text=o??e,this.many=t.classList.contains(
"multiples"),this.choices=r,this.onPin=i,
this.weightsOf=a,this.maps=[],this.readout=
new J(`readout-${t.dataset.maps}`,this.rows,
this.columns,this.many),t.prepend(this.readout.
root)}async#c(){let t=W(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(n=>this.weightsOf(n,this.rows.
length,this.columns.length)));this.maps=
t.map((n,o)=>new G(n,e[o],this.readout.root.
id))}#h(){let t=u("div","","map-text"),e=this.
twoTexts?"The text whose tokens look":"T\
he text",n=this.#d(()=>this.readsRows()),
o=new H(this.text,e,n);t.append(o.root);
let r=null;if(this.twoTexts){let i=this.#d(
()=>!1);r=new H(this.columns,"The text t\
hat is looked at",i),t.append(r.root)}this.
root.append(t),this.#s={rows:o,columns:r}}#d(t){
let e=n=>t()?{query:n,key:-1}:{query:-1,
key:n};return{over:n=>this.#o(e(n)),out:()=>this.#l(),
pin:n=>this.#i(e(n))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:n}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let o of this.
maps)o.paint(n,e);this.root.dataset.view===
"arcs"&&this.#f(),this.#u(x(this.#t)?this.#e:
this.#t),this.fit(),this.#a()}#f(){if(this.#n)
return;this.#n=new Y(this.rows,this.columns,
{over:(e,n)=>this.#o({query:e,key:n}),out:()=>this.#l(),
pin:e=>this.#i({query:e,key:-1})});let t=u(
"div","","scroll arcs-view");t.append(this.#n.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#p()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),n=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||n<=pe)return;let o=e.clientWidth-
w(".axis-rows",e).offsetWidth-8,r=this.columns.
length;o>0&&n*r>o&&t.setProperty("--cell",
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
this.choices()],{rows:n,columns:o}=this.#s;
this.shadedTexts().forEach(({weights:r,chosen:i},a)=>{
(a&&o?o:n).colour(r,i,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:n}=this.
maps[0],o=t>=0&&(this.readsRows()||e<0),
r=o?X(n,t):null,i=!o&&e>=0?re(n,e):null;
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
columns[t.key]};for(let n of this.maps)n.
mark(t,this.#e,e)}#y(t){let{canvas:e}=t;
e.addEventListener("pointermove",n=>this.#o(
t.cellAt(n))),e.addEventListener("pointe\
rdown",n=>this.#o(t.cellAt(n))),e.addEventListener(
"click",n=>{this.many||this.#i(t.cellAt(
n))}),e.addEventListener("pointerleave",
n=>{let o=document.activeElement===e&&e.
matches(":focus-visible");n.pointerType===
"mouse"&&!o&&this.#l()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#o(t.start())}),
e.addEventListener("blur",()=>this.#l()),
e.addEventListener("keydown",n=>this.#x(
n,t))}#x(t,e){let n=this.#k(e)[t.key];!n||
F(t)||(t.preventDefault(),t.stopPropagation(),
n())}#k(t){let e=(n,o)=>()=>this.#b(t,n,
o);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#g(t),
" ":()=>this.#g(t),Escape:()=>{this.many||
this.pin(S)}}}#b(t,e,n){let{query:o,key:r}=this.#t;
M(this.#t)?this.#o({query:b(o+e,this.rows.
length),key:b(r+n,this.columns.length)}):
this.#o(t.start())}#g(t){M(this.#t)||this.#o(
t.start()),this.many||this.#i(this.#t)}},
fe=(s,t)=>s.query===t.query&&s.key===t.key;var N=["a","b"],Z=class{#t=[];#e=0;constructor(){
this.form=w(".heads-controls"),this.controls=
te(),this.problem=w("#heads-problem")}async start(){
w("[data-without-script]").hidden=!0,this.
form.addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("change",t=>{
this.#d(t)}),w("[data-swap]").addEventListener(
"click",()=>{this.#f()}),this.controls.listen(
()=>this.#l(),()=>{}),$t(()=>this.#u()),
addEventListener("resize",()=>{for(let t of this.#t)
t.resize()}),P.onChange(()=>{this.#n()}),
await this.#n()}#s(t){return wt(this.form,
t)}async#n(){let t=P.read();this.controls.
show(t),t.sink||this.controls.recallSink(),
await this.#r("a",t.a),await this.#r("b",
t.b||await this.#h()),await this.#a(t.text,
{query:t.row,key:t.column})}async#r(t,e){
let[n,o]=e.split("/"),r=this.#s(`model-${t}`);
Array.from(r.options).some(({value:i})=>i===
n)&&(r.value=n),await this.#c(t,o)}async#c(t,e){
let n=this.#s(`head-${t}`),o=this.#s(`mo\
del-${t}`).value,{heads:r,labels:i,layers:a}=await R(
o,`${o}/data`).heads(),c=0,h=a.map(([l,d])=>{
let p=u("optgroup");p.label=l;for(let y=c+
d;c<y;c++){let[f]=i[c];p.append(new Option(
[r[c],f&&O(f[0])].filter(Boolean).join("\
 "),r[c]))}return p});n.replaceChildren(
...h.filter(l=>l.children.length)),r.includes(
e)&&(n.value=e)}async#h(){let[t,e]=["mod\
el-a","head-a"].map(a=>this.#s(a).value),
{heads:n,labels:o}=await R(t,`${t}/data`).
heads(),[r]=o[n.indexOf(e)],i=n.find((a,c)=>a!==
e&&r&&o[c][0]?.[0]===r[0]);return`${t}/${i??
n.find(a=>a!==e)??e}`}async#d({target:t}){
let{name:e}=t,n=N.find(o=>e===`model-${o}`);
n&&await this.#c(n,this.#s(`head-${n}`).
value),await this.#a(this.#s("text").value),
this.#o()}async#f(){let[t,e]=N.map(n=>this.#i(
n));await this.#r("a",e),await this.#r("\
b",t),await this.#a(this.#s("text").value),
this.#o()}#i(t){return`${this.#s(`model-${t}`).
value}/${this.#s(`head-${t}`).value}`}#o(t={}){
let[e,n]=N.map(o=>this.#i(o));P.write({a:e,
b:n,text:this.#s("text").value,...this.controls.
state(),...t})}#l(){this.#u();let{row:t,
column:e}=P.read();this.#o({row:t,column:e})}#u(){
this.controls.explain();for(let t of this.#t)
t.repaint()}async#a(t,e){let n=++this.#e;
delete w("#heads").dataset.ready;let o=N.
map(c=>this.#i(c).split("/")),[r,i]=await Promise.
all(o.map(([c,h])=>It(c,h)));if(n!==this.#e)
return;document.title=`${r.name} and ${i.
name} · headatlas`,N.forEach((c,h)=>{os(
w(`[data-side=${c}]`),[r,i][h])});let a=this.#m(
Nt(r,i),t);if(await this.#w([r,i],a),e)for(let c of this.#t)
ns(c,e)&&c.keep(e);this.#y(r,i),w("#head\
s").dataset.ready=""}#m(t,e){let n=this.#s(
"text");n.replaceChildren(...t.map(({anchor:r,
sequence:i,alike:a})=>{let c=a?i.name:`s\
equence ${i.sequence}, each its own toke\
ns`;return new Option(`${i.probe}: ${c}`,
r)})),t.some(({anchor:r})=>r===e)&&(n.value=
e);let o=t.find(({anchor:r})=>r===n.value);
return this.problem.hidden=o?.equal??!1,
this.problem.textContent=o?o.alike?"The \
two models cut this text into other toke\
ns: the maps do not point together.":"Th\
e same sequence of the probe, each model\
 with tokens of its own: compare the for\
m, not the cells.":"There is no text of \
which maps of both heads are kept.",o?.anchor??
""}async#w(t,e){this.#t=[];let n=t.map(({
texts:h})=>h.get(e)),o=N.map(h=>w(`[data\
-side=${h}] figure`)),r=n.map((h,l)=>h?rs(
t[l],h.sequence,l):null);o.forEach((h,l)=>{
h.replaceChildren(...[r[l]].filter(d=>d!==
null))});let i=r.map((h,l)=>{let d=n[l];
return h&&d?Q.start(h,d.sequence,()=>this.
controls.choices(),p=>this.#p(p),()=>t[l].
map(d.number)):null});this.#t=(await Promise.
all(i)).filter(h=>h!==null);let[a,c]=this.#t;
c&&n[0]&&n[1]&&ut(n[0].sequence,n[1].sequence)&&
([a.followers,c.followers]=[[c],[a]])}#p(t){
for(let e of this.#t)e.followers.length&&
e.keep(t);this.#o({row:t.query,column:t.
key})}#y(t,e){let n=Bt(t,e);w("#score-di\
fferences").replaceChildren(...n.rows),w(
"#score-caption").textContent=`The ${n.shown}\
 patterns of ${n.n} in which the two dif\
fer most, each on the probe it is meant \
to be read on, with 95% intervals. Diffe\
rence: the second less the first; what i\
s no share of attention is ordered by it\
s part of the largest in the first model\
.`;let o=_t(t,e);w("#evidence-difference\
s").replaceChildren(...o.n?o.rows:[]);for(let r of W(
HTMLElement,"[data-of-evidence]"))r.hidden=
!o.n}},ns=(s,{query:t,key:e})=>t<s.rows.
length&&e<s.columns.length;function os(s,{
slug:t,model:e,name:n,labels:o}){let r=w(
"h2 a",s);[r.textContent,r.href]=[n,`${t}\
/heads/${n}.html`],w("[data-model]",s).textContent=
e;let i=o.map(({name:a,strength:c,hue:h})=>{
let l=u("li",`${O(a)} `,`chip ${h}`);return c!==
null&&l.append(u("b",jt(c))),l});w(".chi\
ps",s).replaceChildren(...i.length?i:[u(
"li","no label","soft")])}function rs({name:s,
model:t},{tokens:e,columns:n,axes:o,step:r,
cells:i,on:a},c){let h=u("div","",`map-s\
et cell-${i[0]} step-${r}`);h.dataset.maps=
String(c);let l=u("div","","maps labelle\
d");for(let[y,f]of[["rows",0],["columns",
1]]){let g=u("pre",o[f],`axis-${y}`);g.setAttribute(
"aria-hidden","true"),g.translate=!1,l.append(
g)}let d=u("img","","pixels");[d.width,d.
height]=[(n??e).length*i[0],e.length*i[0]],
d.alt=`Attention of ${s} of ${t} on ${a}`;
let p=u("div","","map");return p.append(
d),l.append(p),h.append(l),h}yt();new Z().start();})();
