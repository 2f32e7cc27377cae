// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function l(n,t="",e=""){let s=document.createElement(
n);return s.textContent=t,e&&(s.className=
e),s}function H(n,t){let e=l("a",n);return e.
href=t,e}function f(n,t=document){return t.querySelector(
n)}function y(n,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(s=>s instanceof
n)}function u(n,t){return n.elements.namedItem(
t)}var N=n=>n.altKey||n.ctrlKey||n.metaKey;
function R(n){return JSON.parse(document.
getElementById(n)?.textContent??"null")}
function P(){for(let n of document.querySelectorAll(
"[data-needs-script]"))n.removeAttribute(
"hidden")}function m(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var h={
read:n=>n??"",write:n=>n},b={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},G={read:n=>({column:(n||"head").
replace(/^-/,""),down:n?.startsWith("-")??
!1}),write:({column:n,down:t})=>n==="hea\
d"&&!t?"":(t?"-":"")+n},J={read:n=>n?n.split(
","):null,write:n=>n?n.join()||"none":""},
V={read:n=>(n??"").split(",").filter(Boolean).
map(X),write:n=>n.map(({column:t,least:e,
most:s})=>`${t}:${e??""}:${s??""}`).join()};
function X(n){let t=n.split(":"),[e,s]=t.
slice(-2);return{column:t.slice(0,-2).join(
":"),least:e?Number(e):void 0,most:s?Number(
s):void 0}}var p=class{constructor(t){this.
fields=t}read(){let{choices:t}=T(),e=Object.
entries(this.fields).map(([s,o])=>[s,o.read(
t.get(s))]);return Object.fromEntries(e)}format(t,e=""){
let s=new URLSearchParams;for(let[o,r]of Object.
entries(this.fields)){let a=o in t?r.write(
t[o]):"";a&&s.set(o,a)}return[e,String(s).
replaceAll("%2F","/")].filter(Boolean).join(
"&")}write(t,e="",{step:s=!0}={}){let o=this.
format(t,e);if(location.hash===(o&&`#${o}`))
return;let r=s?history.pushState:history.
replaceState;try{r.call(history,null,"",
o?`#${o}`:location.pathname+location.search)}catch{}}onChange(t,{
anchors:e=!1}={}){addEventListener("hash\
change",()=>{(e||!z())&&t()})}};function T(){
let n=location.hash.slice(1),[t,...e]=n.
split("&"),s=t.includes("=")?"":t;return{
anchor:s,choices:new URLSearchParams(s?e.
join("&"):n)}}function z(){let{anchor:n}=T(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var B={view:m("matrix","te\
xt","arcs"),direction:m("to","from"),scale:m(
"linear","root"),sink:m("","show","hide"),
row:b,column:b},ot=new p(B),rt=new p({a:h,
b:h,text:h,...B}),at=new p({pattern:h,probe:h,
value:m("score","sinkfree"),scale:m("ful\
l","fit"),label:h}),A=new p({text:h,label:h,
probe:h,from:h,to:h,sort:G,columns:J,range:V,
page:b}),it=new p({x:h,y:h}),ht=new p({by:h,
through:h,from:h,to:h,head:h,least:b}),lt=new p(
{a:h,b:h,pattern:h}),ct=new p({picture:h,
head:h,step:b,word:b});var g=n=>n.replaceAll("_"," ");function D(n){
return n==null?"–":n.toFixed(Math.abs(
n)<10?3:1)}var E=n=>String(n).replace(/\B(?=(\d{3})+$)/g,
",");function j(n){return n===null?"–":
Math.abs(n)>=9.95?n.toFixed(0):Math.abs(
n)>1?n.toFixed(1):n.toFixed(2).replace("\
1.00","1").replace("-0.00","0.00").replace(
"0.",".")}var S=class{constructor(t,e){this.data=t,
this.measures=e,this.evidence={},this.probe=
"",this.scores={},this.layers=t.heads.map(
s=>Number(s.match(/\d+/)[0])),this.texts=
t.heads.map((s,o)=>{let r=t.labels[o].map(
([a])=>g(a));return`${s} ${r.join(" ")}`.
toLowerCase()})}use(t,e){this.probe=t,this.
scores=e}has(t){return t in this.data.patterns||
t in this.measures}titleOf(t){return this.
measures[t]?.title??g(t)}hintOf(t){let e=this.
measures[t],s=e?e.probe:this.probe||this.
data.patterns[t].probe;return[g(s),(e??this.
data.patterns[t]).unit].filter(Boolean).
join(", ")}colourOf(t,e){let s=this.value(
t,e),o=this.evidence[t];return o?s===null?
{hue:"",share:null}:{hue:o.hues[s<0?1:0],
share:Math.min(Math.abs(s)/(o.fit??1),1)}:
{hue:this.data.patterns[t]?.hue??"",share:s!==
null&&s<=1?s:null}}value(t,e){if(t in this.
measures)return F(this.evidence[t]?.score[e]);
let s=this.probe?this.scores[t]:this.data.
patterns[t]?.score;return F(s?.[e])}select(t){
let e=t.text.toLowerCase().split(/\s+/).
filter(Boolean),s=this.data.heads.map((o,r)=>r).
filter(o=>e.every(r=>this.#e(r,o))&&this.#t(
t.label,o)&&this.layers[o]>=t.from&&this.
layers[o]<=t.to&&t.bounds.every(r=>this.#n(
r,o)));return this.#o(s,t.sort)}#e(t,e){
let s=this.texts[e];return/^[ledxv]\d+$/.
test(t)?s.startsWith(`${t}h`):/^[ledxv]\d+h\d+$/.
test(t)?s.startsWith(`${t} `):s.includes(
t)}#t(t,e){let s=this.data.labels[e];return t===
"-"?!s.length:!t||s.some(([o])=>o===t)}#n({
column:t,least:e=-1/0,most:s=1/0},o){let r=this.
value(t,o);return r!==null&&r>=e&&r<=s}#o(t,{
column:e,down:s}){if(e!=="head"){let o=r=>e===
"labels"?this.data.labels[r][0]?.[1]??-1:
this.value(e,r)??-1/0;t.sort((r,a)=>o(r)-
o(a)||a-r)}return s?t.reverse():t}csv(t,e){
let s=t.map(a=>[this.data.model,this.data.
heads[a],...[0,1,2].map(i=>this.data.labels[a].
map(c=>c[i]??"").join("; ")),...e.map(i=>String(
this.value(i,a)??""))]);return`${[["mode\
l","head","labels","strengths","confiden\
ces",...e.map(a=>this.probe&&!(a in this.
measures)?`${a} on ${this.probe}`:a)],...s].
map(a=>a.map(Q).join(",")).join(`
`)}
`}},F=n=>n==null?null:n/1e3,Q=n=>/[",\n]/.
test(n)?`"${n.replaceAll('"','""')}"`:n;function Y(n,[t,e],s){let o=s.length-1,r={
ArrowUp:[t-1,e],ArrowDown:[t+1,e],ArrowLeft:[
t,e-1],ArrowRight:[t,e+1],Home:[t,0],End:[
t,1/0],PageUp:[0,e],PageDown:[o,e]};if(!Object.
hasOwn(r,n))return;let a=Math.min(Math.max(
r[n][0],0),o);return[a,Math.min(Math.max(
r[n][1],0),s[a]-1)]}function W(n,t,e,s=t[0],o=void 0){
let r=s;for(let i of t)i.tabIndex=i===r?
0:-1;let a=i=>{r&&(r.tabIndex=-1),r=i,r.
tabIndex=0};n.addEventListener("focusin",
({target:i})=>{let c=t.find(d=>d===i);c&&
a(c)},{signal:o}),n.addEventListener("ke\
ydown",i=>{let c=i.target;if(N(i)||!t.includes(
c))return;let d=e(),x=d.findIndex(O=>O.includes(
c)),C=d.map(O=>O.length),v=x<0?void 0:Y(
i.key,[x,d[x].indexOf(c)],C),$=v&&d[v[0]][v[1]];
!$||$===c||(i.preventDefault(),$.focus())},
{signal:o})}var w=100,U=2,Z=.99,tt=60,M=class{#e=new AbortController;constructor(t,e,s,o){
this.head=t.tHead,this.body=t.tBodies[0],
this.heads=e,this.state=s,this.on=o,this.
table=t,this.head.addEventListener("clic\
k",r=>this.#t(r))}#t(t){let e=t.target instanceof
HTMLElement?t.target.dataset.sort:void 0;
e&&(this.on.sort(e),this.head.querySelector(
`[data-sort="${e}"]`)?.focus())}showRows(t,e){
let s=e*w,o=this.head.rows.length;this.table.
ariaRowCount=String(t.length+o);let r=t.
slice(s,s+w).map(i=>this.#n(i));r.forEach(
(i,c)=>{i.ariaRowIndex=String(o+s+c+1)}),
this.body.replaceChildren(...r);let a=r.
map(i=>i.querySelector("th a"));this.#e.
abort(),this.#e=new AbortController,W(this.
body,a,()=>a.map(i=>[i]),a[0],this.#e.signal)}#n(t){
let{heads:e}=this.heads.data,s=l("tr"),o=l(
"th");o.scope="row",o.append(H(e[t],`hea\
ds/${e[t]}.html`)),s.append(o,this.#o(t));
for(let r of this.state.columns){let{hue:a,
share:i}=this.heads.colourOf(r,t),c=l("t\
d",D(this.heads.value(r,t)),`n score ${a}`.
trim());i!==null&&c.classList.add(`v${Math.
round(tt*Math.max(i,0))}`),s.append(c)}return s}#o(t){
let{labels:e,patterns:s}=this.heads.data,
o=l("td",e[t].length?"":"–");if(!e[t].
length)return o;let r=l("ul","","chips");
for(let[a,i,c]of e[t]){let d=l("li",g(a),
`chip ${s[a]?.hue??"f-other"}`);i!==null&&
d.append(" ",l("b",j(i))),c!==null&&(d.title=
`confidence ${j(Math.min(c,Z))}`),r.append(
d)}return e[t].length>U&&(r.dataset.more=
`+${e[t].length-U}`),o.append(r),o}showHead(){
let t=l("tr");t.append(this.#s("head","H\
ead"),this.#s("labels","Labels"));let e=l(
"tr","","bounds");e.append(l("td"),l("td"));
for(let s of this.state.columns){let o=this.#s(
s,this.heads.titleOf(s));o.className="n",
o.title=this.heads.hintOf(s),t.append(o),
e.append(this.#i(s))}this.head.replaceChildren(
t,e)}#s(t,e){let s=l("th");s.scope="col";
let{sort:o}=this.state,r=o.column===t;r&&
s.setAttribute("aria-sort",o.down?"desce\
nding":"ascending");let a=o.down?" ↓":
" ↑",i=l("button",r?e+a:e);return i.type=
"button",i.dataset.sort=t,s.append(i),s}#i(t){
let e=l("td","","n"),s=l("button","×","\
remove");s.type="button",s.setAttribute(
"aria-label",`Remove ${this.heads.titleOf(
t)}`),s.addEventListener("click",()=>this.
on.remove(t));let o=l("span");return o.append(
this.#r(t,"least"),this.#r(t,"most"),s),
e.append(o),e}#r(t,e){let s=l("input");return s.
type="number",s.step="any",s.placeholder=
e==="least"?"from":"to",s.value=String(this.
state.bounds.get(t)?.[e]??""),s.setAttribute(
"aria-label",`${this.heads.titleOf(t)}, ${e===
"least"?"least":"largest"} value`),s.addEventListener(
"input",()=>{this.on.bound(t,e,s.value===
""?void 0:Number(s.value))}),s}};function _(n,t){return{heads:()=>k(`${n}\
 heads`,`${t}/heads.js`),numbers:e=>k(`${n}\
 ${e}`,`${t}/${e.split("#")[0]}.js`),circuits:()=>k(
`${n} circuits`,`${t}/circuits.js`)}}var I=new Map,
et=n=>new Promise((t,e)=>{let s=document.
createElement("script");s.src=n,s.onload=
()=>t(),s.onerror=()=>e(new Error(`${n} \
could not be loaded`)),document.head.append(
s)});async function k(n,t){if(!(window.headatlas?.
data&&n in window.headatlas.data)){let e=I.
get(t)??et(t);I.set(t,e),await e.finally(
()=>I.delete(t))}return window.headatlas.
data[n]}function q(n,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(n),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var K=["text","label","probe","from","to"],
L=class n{#e=[];#t=0;static async start(){
let t=f(".explorer-controls"),e=String(t.
dataset.slug),s=_(e,"data"),o=new n(t,e,
s,await s.heads());await o.fromAddress(),
o.listen(),f(".explorer").dataset.ready=
""}constructor(t,e,s,o){this.form=t,this.
slug=e,this.files=s,this.data=R("explore\
r-data"),this.heads=new S(o,this.data.measures),
this.startColumns=this.data.columns,this.
state={columns:this.startColumns,sort:{column:"\
head",down:!1},bounds:new Map},this.table=
new M(f(".explorer"),this.heads,this.state,
{sort:r=>this.#u(r),remove:r=>this.#d(r),
bound:(r,a,i)=>this.#p(r,a,i)}),this.readout=
f("#explorer-readout"),this.pagers=y(HTMLElement,
".pager"),this.typedIn=null}listen(){this.
form.addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("input",t=>{t.
target===u(this.form,"column")&&this.#c(),
this.#t=0,this.#a(this.#s(t.target))}),this.
form.querySelector("[data-csv]")?.addEventListener(
"click",()=>this.#f());for(let t of this.
pagers)t.addEventListener("click",e=>this.#l(
e));A.onChange(()=>{this.fromAddress()})}fromAddress(){
let t=A.read();for(let e of K)u(this.form,
e).value=t[e];return u(this.form,"probe").
value||(u(this.form,"probe").value=""),this.
state.columns=t.columns?.filter(e=>this.
heads.has(e))??this.startColumns,this.state.
sort=t.sort,this.#t=Math.max(t.page-1,0),
this.state.bounds=new Map(t.range.map(e=>[
e.column,e])),this.table.showHead(),this.#a(
!1)}async#n(){let t=u(this.form,"probe").
value;await this.#o();let e=t?this.state.
columns.filter(a=>a in this.data.files):
[],s=await Promise.all(e.map(a=>this.files.
numbers(this.data.files[a])));if(t!==u(this.
form,"probe").value)return;let o=s.map(({
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
s,o,r,a]=K.map($=>u(this.form,$).value),
{columns:i,sort:c}=this.state,d=i.join()===
this.startColumns.join(),x=this.#r(),C=this.#t?
this.#t+1:-1,v={text:e,label:s,probe:o,from:r,
to:a,sort:c,columns:d?null:i,range:x,page:C};
A.write(v,"",{step:t})}#r(){let{columns:t,
bounds:e}=this.state;return t.flatMap(s=>e.
get(s)??[])}async#a(t=!0){await this.#n();
let e=(s,o)=>{let{value:r}=u(this.form,s);
return r===""?o:Number(r)};this.#e=this.
heads.select({text:u(this.form,"text").value,
label:u(this.form,"label").value,from:e(
"from",0),to:e("to",1/0),bounds:this.#r(),
sort:this.state.sort}),this.#h(),this.#i(
t)}#h(){let t=Math.max(Math.ceil(this.#e.
length/w),1);this.#t=Math.min(this.#t,t-
1),this.table.showRows(this.#e,this.#t);
let[e,s]=[this.#e.length,this.heads.data.
heads.length].map(E),o=this.#t*w,r=`, ${E(
o+1)} to ${E(Math.min(o+w,this.#e.length))}`;
this.readout.textContent=`${e} of ${s} h\
eads${t>1?r:""}`;for(let a of this.pagers)
a.hidden=t<2,a.replaceChildren(...st(this.#t,
t))}#l(t){let e=t.target instanceof HTMLElement?
t.target.closest("button"):null;if(!e)return;
let[s,o]=[e.closest(".pager"),e.dataset.
turn];this.#t=Number(e.dataset.page),this.#h(),
this.#i(!0);let r=s&&y(HTMLButtonElement,
"button",s).find(a=>a.dataset.turn===o);
r&&!r.disabled&&r.focus({preventScroll:!0}),
f(".pager").scrollIntoView({block:"neare\
st"})}#c(){let t=u(this.form,"column"),e=t.
value;t.value="",e&&!this.state.columns.
includes(e)&&(this.state.columns=[...this.
state.columns,e]),this.table.showHead()}#d(t){
this.state.columns=this.state.columns.filter(
e=>e!==t),this.state.bounds.delete(t),this.#t=
0,this.table.showHead(),this.#a()}#u(t){
let{sort:e}=this.state;this.state.sort={
column:t,down:e.column===t?!e.down:t!=="\
head"},this.#t=0,this.table.showHead(),this.#a()}#p(t,e,s){
let o={...this.state.bounds.get(t),column:t,
[e]:s};o.least===void 0&&o.most===void 0?
this.state.bounds.delete(t):this.state.bounds.
set(t,o),this.#t=0,this.#a(this.#s(`${t}\
 ${e}`))}#f(){let t=this.heads.csv(this.#e,
this.state.columns);q(new Blob([t],{type:"\
text/csv"}),`${this.slug}-heads.csv`)}};
function st(n,t){let e=(s,o,r)=>{let a=l(
"button",s);return a.type="button",a.ariaLabel=
r,[a.dataset.turn,a.dataset.page]=[r,String(
o)],a.disabled=o<0||o>=t||o===n,a};return[
e("«",0,"First page"),e("‹",n-1,"Prev\
ious page"),l("span",`page ${n+1} of ${t}`),
e("›",n+1,"Next page"),e("»",t-1,"Las\
t page")]}P();L.start();})();
