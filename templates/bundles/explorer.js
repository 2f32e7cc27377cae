// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function h(s,t="",e=""){let n=document.createElement(
s);return n.textContent=t,e&&(n.className=
e),n}function T(s,t){let e=h("a",s);return e.
href=t,e}function m(s,t=document){return t.querySelector(
s)}function A(s,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(n=>n instanceof
s)}function p(s,t){return s.elements.namedItem(
t)}var k=s=>s.altKey||s.ctrlKey||s.metaKey;
function R(s){return JSON.parse(document.
getElementById(s)?.textContent??"null")}
function B(){for(let s of document.querySelectorAll(
"[data-needs-script]"))s.removeAttribute(
"hidden")}function b(...s){return{read:t=>s.find(e=>e===
t)??s[0],write:t=>t===s[0]?"":t}}var l={
read:s=>s??"",write:s=>s},w={read:s=>/^\d+$/.
test(s??"")?Number(s):-1,write:s=>s<0?"":
String(s)},V={read:s=>({column:(s||"head").
replace(/^-/,""),down:s?.startsWith("-")??
!1}),write:({column:s,down:t})=>s==="hea\
d"&&!t?"":(t?"-":"")+s},X={read:s=>s?s.split(
","):null,write:s=>s?s.join()||"none":""},
z={read:s=>(s??"").split(",").filter(Boolean).
map(Q),write:s=>s.map(({column:t,least:e,
most:n})=>`${t}:${e??""}:${n??""}`).join()};
function Q(s){let t=s.split(":"),[e,n]=t.
slice(-2);return{column:t.slice(0,-2).join(
":"),least:e?Number(e):void 0,most:n?Number(
n):void 0}}var f=class{constructor(t){this.
fields=t}read(){let{choices:t}=P(),e=Object.
entries(this.fields).map(([n,o])=>[n,o.read(
t.get(n))]);return Object.fromEntries(e)}format(t,e=""){
let n=new URLSearchParams;for(let[o,r]of Object.
entries(this.fields)){let a=o in t?r.write(
t[o]):"";a&&n.set(o,a)}return[e,String(n).
replaceAll("%2F","/")].filter(Boolean).join(
"&")}write(t,e="",{step:n=!0}={}){let o=this.
format(t,e);if(location.hash===(o&&`#${o}`))
return;let r=n?history.pushState:history.
replaceState;try{r.call(history,null,"",
o?`#${o}`:location.pathname+location.search)}catch{}}onChange(t,{
anchors:e=!1}={}){addEventListener("hash\
change",()=>{(e||!Y())&&t()})}};function P(){
let s=location.hash.slice(1),[t,...e]=s.
split("&"),n=t.includes("=")?"":t;return{
anchor:n,choices:new URLSearchParams(n?e.
join("&"):s)}}function Y(){let{anchor:s}=P(),
t=Number(s.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(s)?s:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??s}var D={view:b("matrix","te\
xt","arcs"),direction:b("to","from"),scale:b(
"linear","root"),sink:b("","show","hide"),
row:w,column:w},ut=new f(D),pt=new f({a:l,
b:l,text:l,...D}),ft=new f({pattern:l,probe:l,
value:b("score","sinkfree"),scale:b("ful\
l","fit"),label:l}),$=new f({text:l,label:l,
probe:l,from:l,to:l,sort:V,columns:X,range:z,
page:w}),mt=new f({x:l,y:l}),bt=new f({by:l,
through:l,from:l,to:l,head:l,least:w}),wt=new f(
{a:l,b:l,pattern:l}),gt=new f({picture:l,
head:l,step:w,word:w});var g=s=>s.replaceAll("_"," ");function F(s){
return s==null?"–":s.toFixed(Math.abs(
s)<10?3:1)}var E=s=>String(s).replace(/\B(?=(\d{3})+$)/g,
",");function I(s){return s===null?"–":
Math.abs(s)>=9.95?s.toFixed(0):Math.abs(
s)>1?s.toFixed(1):s.toFixed(2).replace("\
1.00","1").replace("-0.00","0.00").replace(
"0.",".")}var S=class{constructor(t,e){this.data=t,
this.measures=e,this.evidence={},this.probe=
"",this.scores={},this.layers=t.heads.map(
n=>Number(n.match(/\d+/)[0])),this.texts=
t.heads.map((n,o)=>{let r=t.labels[o].map(
([a])=>g(a));return`${n} ${r.join(" ")}`.
toLowerCase()})}use(t,e){this.probe=t,this.
scores=e}has(t){return t in this.data.patterns||
t in this.measures}titleOf(t){return this.
measures[t]?.title??g(t)}hintOf(t){let e=this.
measures[t],n=e?e.probe:this.probe||this.
data.patterns[t].probe;return[g(n),(e??this.
data.patterns[t]).unit].filter(Boolean).
join(", ")}colourOf(t,e){let n=this.value(
t,e),o=this.evidence[t];return o?n===null?
{hue:"",share:null}:{hue:o.hues[n<0?1:0],
share:Math.min(Math.abs(n)/(o.fit??1),1)}:
{hue:this.data.patterns[t]?.hue??"",share:n!==
null&&n<=1?n:null}}value(t,e){if(t in this.
measures)return U(this.evidence[t]?.score[e]);
let n=this.probe?this.scores[t]:this.data.
patterns[t]?.score;return U(n?.[e])}select(t){
let e=t.text.toLowerCase().split(/\s+/).
filter(Boolean),n=this.data.heads.map((o,r)=>r).
filter(o=>e.every(r=>this.#e(r,o))&&this.#t(
t.label,o)&&this.layers[o]>=t.from&&this.
layers[o]<=t.to&&t.bounds.every(r=>this.#n(
r,o)));return this.#o(n,t.sort)}#e(t,e){
let n=this.texts[e];return/^[ledxv]\d+$/.
test(t)?n.startsWith(`${t}h`):/^[ledxv]\d+h\d+$/.
test(t)?n.startsWith(`${t} `):n.includes(
t)}#t(t,e){let n=this.data.labels[e];return t===
"-"?!n.length:!t||n.some(([o])=>o===t)}#n({
column:t,least:e=-1/0,most:n=1/0},o){let r=this.
value(t,o);return r!==null&&r>=e&&r<=n}#o(t,{
column:e,down:n}){if(e!=="head"){let o=r=>e===
"labels"?this.data.labels[r][0]?.[1]??-1:
this.value(e,r)??-1/0;t.sort((r,a)=>o(r)-
o(a)||a-r)}return n?t.reverse():t}csv(t,e){
let n=t.map(a=>[this.data.model,this.data.
heads[a],...[0,1,2].map(i=>this.data.labels[a].
map(c=>c[i]??"").join("; ")),...e.map(i=>String(
this.value(i,a)??""))]);return`${[["mode\
l","head","labels","strengths","confiden\
ces",...e.map(a=>this.probe&&!(a in this.
measures)?`${a} on ${this.probe}`:a)],...n].
map(a=>a.map(Z).join(",")).join(`
`)}
`}},U=s=>s==null?null:s/1e3,Z=s=>/[",\n]/.
test(s)?`"${s.replaceAll('"','""')}"`:s;function tt(s,[t,e],n){let o=n.length-1,
r={ArrowUp:[t-1,e],ArrowDown:[t+1,e],ArrowLeft:[
t,e-1],ArrowRight:[t,e+1],Home:[t,0],End:[
t,1/0],PageUp:[0,e],PageDown:[o,e]};if(!Object.
hasOwn(r,s))return;let a=Math.min(Math.max(
r[s][0],0),o);return[a,Math.min(Math.max(
r[s][1],0),n[a]-1)]}function _(s,t,e,n=t[0],o=void 0){
let r=n;for(let i of t)i.tabIndex=i===r?
0:-1;let a=i=>{r&&(r.tabIndex=-1),r=i,r.
tabIndex=0};s.addEventListener("focusin",
({target:i})=>{let c=t.find(d=>d===i);c&&
a(c)},{signal:o}),s.addEventListener("ke\
ydown",i=>{let c=i.target;if(k(i)||!t.includes(
c))return;let d=e(),u=d.findIndex(O=>O.includes(
c)),L=d.map(O=>O.length),v=u<0?void 0:tt(
i.key,[u,d[u].indexOf(c)],L),y=v&&d[v[0]][v[1]];
!y||y===c||(i.preventDefault(),y.focus())},
{signal:o})}var x=100,W=2,et=.99,st=60,M=class{#e=new AbortController;constructor(t,e,n,o){
this.head=t.tHead,this.body=t.tBodies[0],
this.heads=e,this.state=n,this.on=o,this.
table=t,this.head.addEventListener("clic\
k",r=>this.#t(r))}#t(t){let e=t.target instanceof
HTMLElement?t.target.dataset.sort:void 0;
e&&(this.on.sort(e),this.head.querySelector(
`[data-sort="${e}"]`)?.focus())}showRows(t,e){
let n=e*x,o=this.head.rows.length;this.table.
ariaRowCount=String(t.length+o);let r=t.
slice(n,n+x).map(i=>this.#n(i));r.forEach(
(i,c)=>{i.ariaRowIndex=String(o+n+c+1)}),
this.body.replaceChildren(...r);let a=r.
map(i=>i.querySelector("th a"));this.#e.
abort(),this.#e=new AbortController,_(this.
body,a,()=>a.map(i=>[i]),a[0],this.#e.signal)}#n(t){
let{heads:e}=this.heads.data,n=h("tr"),o=h(
"th");o.scope="row",o.append(T(e[t],`hea\
ds/${e[t]}.html`)),n.append(o,this.#o(t));
for(let r of this.state.columns){let{hue:a,
share:i}=this.heads.colourOf(r,t),c=h("t\
d",F(this.heads.value(r,t)),`n score ${a}`.
trim());i!==null&&c.classList.add(`v${Math.
round(st*Math.max(i,0))}`),n.append(c)}return n}#o(t){
let{labels:e,patterns:n}=this.heads.data,
o=h("td",e[t].length?"":"–");if(!e[t].
length)return o;let r=h("ul","","chips");
for(let[a,i,c]of e[t]){let d=h("li",g(a),
`chip ${n[a]?.hue??"f-other"}`);i!==null&&
d.append(" ",h("b",I(i))),c!==null&&(d.title=
`confidence ${I(Math.min(c,et))}`),r.append(
d)}return e[t].length>W&&(r.dataset.more=
`+${e[t].length-W}`),o.append(r),o}showHead(){
let t=h("tr");t.append(this.#s("head","H\
ead"),this.#s("labels","Labels"));let e=h(
"tr","","bounds");e.append(h("td"),h("td"));
for(let n of this.state.columns){let o=this.#s(
n,this.heads.titleOf(n));o.className="n",
o.title=this.heads.hintOf(n),t.append(o),
e.append(this.#i(n))}this.head.replaceChildren(
t,e)}#s(t,e){let n=h("th");n.scope="col";
let{sort:o}=this.state,r=o.column===t;r&&
n.setAttribute("aria-sort",o.down?"desce\
nding":"ascending");let a=o.down?" ↓":
" ↑",i=h("button",r?e+a:e);return i.type=
"button",i.dataset.sort=t,n.append(i),n}#i(t){
let e=h("td","","n"),n=h("button","×","\
remove");n.type="button",n.setAttribute(
"aria-label",`Remove ${this.heads.titleOf(
t)}`),n.addEventListener("click",()=>this.
on.remove(t));let o=h("span");return o.append(
this.#r(t,"least"),this.#r(t,"most"),n),
e.append(o),e}#r(t,e){let n=h("input");return n.
type="number",n.step="any",n.placeholder=
e==="least"?"from":"to",n.value=String(this.
state.bounds.get(t)?.[e]??""),n.setAttribute(
"aria-label",`${this.heads.titleOf(t)}, ${e===
"least"?"least":"largest"} value`),n.addEventListener(
"input",()=>{this.on.bound(t,e,n.value===
""?void 0:Number(n.value))}),n}};async function nt(s){let t=new Uint16Array(
s.length),e=0;for(let r=1;r<s.length;r++){
let a=s.charCodeAt(r);t[e++]=a===57344?s.
charCodeAt(++r)^32768:a}let n=new Uint8Array(
t.buffer,0,2*e-Number(s[0])),o=new Blob(
[n]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function q(s){let t=await nt(
s),e=4+new DataView(t.buffer).getUint32(
0,!0),[n,o,r]=JSON.parse(new TextDecoder().
decode(t.subarray(4,e))),a=o*r,i=new Float64Array(
a);for(let d=t.length;d>e;d-=a||d)for(let u=0;u<
a;u++)i[u]=256*i[u]+t[d-a+u];let c=Array.
from({length:r},(d,u)=>Array.from(i.subarray(
u*o,(u+1)*o),ot));return{facts:n,columns:c}}
var ot=s=>s===0?null:s%2?(s-1)/2:-s/2;function G(s,t){return{heads:()=>N(`${s}\
 heads`,`${t}/heads.js`,at),numbers:e=>N(
`${s} ${e}`,`${t}/${e.split("#")[0]}.js`,
it),circuits:()=>rt(`${s} circuits`,`${t}\
/circuits.js`)}}var j=new Map;function N(s,t,e){
let n=async()=>{let{facts:r,columns:a}=await q(
await lt(s,t));return e(r,a)},o=j.get(s)??
n();return j.set(s,o),o.catch(()=>j.delete(
s)),o}var rt=(s,t)=>N(s,t,e=>e);function at(s,t){
return Object.values(s.patterns).forEach(
(e,n)=>{e.score=t[n]}),s}function it(s,t){
let e=s.against?1:2;return Object.values(
s.probes).forEach((n,o)=>{let[r,a]=t.slice(
o*e,(o+1)*e);n.score=r,n.sinkfree=a?.map(
(i,c)=>i===null?null:i+(r[c]??0))??[]}),
s}var H=new Map,ct=s=>new Promise((t,e)=>{
let n=document.createElement("script");n.
src=s,n.onload=()=>t(),n.onerror=()=>e(new Error(
`${s} could not be loaded`)),document.head.
append(n)});async function lt(s,t){if(!(window.
headatlas?.data&&s in window.headatlas.data)){
let e=H.get(t)??ct(t);H.set(t,e),await e.
finally(()=>H.delete(t))}return window.headatlas.
data[s]}function K(s,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(s),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var J=["text","label","probe","from","to"],
C=class s{#e=[];#t=0;static async start(){
let t=m(".explorer-controls"),e=String(t.
dataset.slug),n=G(e,"data"),o=new s(t,e,
n,await n.heads());await o.fromAddress(),
o.listen(),m(".explorer").dataset.ready=
""}constructor(t,e,n,o){this.form=t,this.
slug=e,this.files=n,this.data=R("explore\
r-data"),this.heads=new S(o,this.data.measures),
this.startColumns=this.data.columns,this.
state={columns:this.startColumns,sort:{column:"\
head",down:!1},bounds:new Map},this.table=
new M(m(".explorer"),this.heads,this.state,
{sort:r=>this.#u(r),remove:r=>this.#d(r),
bound:(r,a,i)=>this.#p(r,a,i)}),this.readout=
m("#explorer-readout"),this.pagers=A(HTMLElement,
".pager"),this.typedIn=null}listen(){this.
form.addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("input",t=>{t.
target===p(this.form,"column")&&this.#h(),
this.#t=0,this.#a(this.#s(t.target))}),this.
form.querySelector("[data-csv]")?.addEventListener(
"click",()=>this.#f());for(let t of this.
pagers)t.addEventListener("click",e=>this.#l(
e));$.onChange(()=>{this.fromAddress()})}fromAddress(){
let t=$.read();for(let e of J)p(this.form,
e).value=t[e];return p(this.form,"probe").
value||(p(this.form,"probe").value=""),this.
state.columns=t.columns?.filter(e=>this.
heads.has(e))??this.startColumns,this.state.
sort=t.sort,this.#t=Math.max(t.page-1,0),
this.state.bounds=new Map(t.range.map(e=>[
e.column,e])),this.table.showHead(),this.#a(
!1)}async#n(){let t=p(this.form,"probe").
value;await this.#o();let e=t?this.state.
columns.filter(a=>a in this.data.files):
[],n=await Promise.all(e.map(a=>this.files.
numbers(this.data.files[a])));if(t!==p(this.
form,"probe").value)return;let o=n.map(({
probes:a},i)=>[e[i],a[t]?.score]),r=t!==
this.heads.probe;this.heads.use(t,Object.
fromEntries(o)),r&&this.table.showHead()}async#o(){
let{measures:t}=this.data,e=this.state.columns.
filter(o=>o in t&&!(o in this.heads.evidence));
(await Promise.all(e.map(o=>this.files.numbers(
t[o].file)))).forEach(({probes:o,hue:r,against:a=""},i)=>{
this.heads.evidence[e[i]]={...o[t[e[i]].
probe],hues:[r,a]}})}#s(t){let e=t===this.
typedIn;return this.typedIn=t instanceof
HTMLSelectElement?null:t,!e}#i(t){let[e,
n,o,r,a]=J.map(y=>p(this.form,y).value),
{columns:i,sort:c}=this.state,d=i.join()===
this.startColumns.join(),u=this.#r(),L=this.#t?
this.#t+1:-1,v={text:e,label:n,probe:o,from:r,
to:a,sort:c,columns:d?null:i,range:u,page:L};
$.write(v,"",{step:t})}#r(){let{columns:t,
bounds:e}=this.state;return t.flatMap(n=>e.
get(n)??[])}async#a(t=!0){await this.#n();
let e=(n,o)=>{let{value:r}=p(this.form,n);
return r===""?o:Number(r)};this.#e=this.
heads.select({text:p(this.form,"text").value,
label:p(this.form,"label").value,from:e(
"from",0),to:e("to",1/0),bounds:this.#r(),
sort:this.state.sort}),this.#c(),this.#i(
t)}#c(){let t=Math.max(Math.ceil(this.#e.
length/x),1);this.#t=Math.min(this.#t,t-
1),this.table.showRows(this.#e,this.#t);
let[e,n]=[this.#e.length,this.heads.data.
heads.length].map(E),o=this.#t*x,r=`, ${E(
o+1)} to ${E(Math.min(o+x,this.#e.length))}`;
this.readout.textContent=`${e} of ${n} h\
eads${t>1?r:""}`;for(let a of this.pagers)
a.hidden=t<2,a.replaceChildren(...ht(this.#t,
t))}#l(t){let e=t.target instanceof HTMLElement?
t.target.closest("button"):null;if(!e)return;
let[n,o]=[e.closest(".pager"),e.dataset.
turn];this.#t=Number(e.dataset.page),this.#c(),
this.#i(!0);let r=n&&A(HTMLButtonElement,
"button",n).find(a=>a.dataset.turn===o);
r&&!r.disabled&&r.focus({preventScroll:!0}),
m(".pager").scrollIntoView({block:"neare\
st"})}#h(){let t=p(this.form,"column"),e=t.
value;t.value="",e&&!this.state.columns.
includes(e)&&(this.state.columns=[...this.
state.columns,e]),this.table.showHead()}#d(t){
this.state.columns=this.state.columns.filter(
e=>e!==t),this.state.bounds.delete(t),this.#t=
0,this.table.showHead(),this.#a()}#u(t){
let{sort:e}=this.state;this.state.sort={
column:t,down:e.column===t?!e.down:t!=="\
head"},this.#t=0,this.table.showHead(),this.#a()}#p(t,e,n){
let o={...this.state.bounds.get(t),column:t,
[e]:n};o.least===void 0&&o.most===void 0?
this.state.bounds.delete(t):this.state.bounds.
set(t,o),this.#t=0,this.#a(this.#s(`${t}\
 ${e}`))}#f(){let t=this.heads.csv(this.#e,
this.state.columns);K(new Blob([t],{type:"\
text/csv"}),`${this.slug}-heads.csv`)}};
function ht(s,t){let e=(n,o,r)=>{let a=h(
"button",n);return a.type="button",a.ariaLabel=
r,[a.dataset.turn,a.dataset.page]=[r,String(
o)],a.disabled=o<0||o>=t||o===s,a};return[
e("«",0,"First page"),e("‹",s-1,"Prev\
ious page"),h("span",`page ${s+1} of ${t}`),
e("›",s+1,"Next page"),e("»",t-1,"Las\
t page")]}B();C.start();})();
