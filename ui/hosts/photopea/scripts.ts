// What Photopea is asked to do, as scripts for its Photoshop-like DOM. Values are put in as JSON literals only,
// never pasted as text: layer names are somebody's words.

import type { DocumentKey } from "./replies.ts";

/** Helpers for every script. Numbers may come as numbers or as values with a unit; ids may be missing. */
const HELPERS = `
function px(v){return typeof v==="number"?v:v.value;}
function idOf(l,p){return l.id!==undefined&&l.id!==null?"id-"+l.id:"at-"+p;}
function each(c,p,f){for(var i=0;i<c.length;i++){f(c[i],p+i);if(c[i].layers)each(c[i].layers,p+i+".",f);}}
function find(id){var hit=null;each(app.activeDocument.layers,"",function(l,p){if(idOf(l,p)===id)hit=l;});
if(!hit)throw new Error("layer gone");return hit;}
function home(k){for(var i=0;i<app.documents.length;i++){var d=app.documents[i];
if(d.name===k.name&&String(d.source||"")===k.source)return d;}return null;}
function box(l){var b=l.bounds;return [px(b[0]),px(b[1]),px(b[2]),px(b[3])];}
`;

const literal = (value: unknown): string => JSON.stringify(value);

/** Replies with a ScriptDocument, or null when no document is open. */
export function describeDocument(): string {
  return `${HELPERS}
if(!app.documents.length){reply(null);}else{
var d=app.activeDocument,out={name:d.name,source:String(d.source||""),width:px(d.width),height:px(d.height),layers:[]},any=false;
each(d.layers,"",function(l,p){var s=l.selected===true;any=any||s;
out.layers.push({id:idOf(l,p),name:l.name,bounds:box(l),visible:l.visible!==false,group:!!l.layers,kind:String(l.kind||""),selected:s});});
if(!any&&d.activeLayer){each(d.layers,"",function(l,p){if(l===d.activeLayer||(l.id!==undefined&&l.id===d.activeLayer.id)){
for(var i=0;i<out.layers.length;i++)if(out.layers[i].id===idOf(l,p))out.layers[i].selected=true;}});}
reply(out);}`;
}

/** Saves the layer alone, in a document of the same size, as PNG; the copy stays open. */
export function saveLayer(id: string, copyName: string): string {
  return `${HELPERS}
var source=app.activeDocument,layer=find(${literal(id)});
var copy=app.documents.add(px(source.width),px(source.height),72,${literal(copyName)});
app.activeDocument=source;
layer.duplicate(copy,ElementPlacement.INSIDE);
app.activeDocument=copy;
for(var i=copy.layers.length-1;i>0;i--)copy.layers[i].remove();
copy.layers[0].visible=true;
copy.saveToOE("png");`;
}

/** Closes the copy, if it was made at all, and nothing else; brings `front` back. */
export function closeCopy(copyName: string, front: DocumentKey): string {
  return `${HELPERS}
for(var i=app.documents.length-1;i>=0;i--)if(app.documents[i].name===${literal(copyName)})app.documents[i].close(SaveOptions.DONOTSAVECHANGES);
var front=home(${literal(front)});if(front)app.activeDocument=front;`;
}

/** Brings a document to the front where it is open. */
export function activate(document: DocumentKey): string {
  return `${HELPERS}var d=home(${literal(document)});if(d)app.activeDocument=d;`;
}

export function countDocuments(): string {
  return "reply(app.documents.length);";
}

/** Moves the picture that was just opened as a document above a layer of another one, at a place, under a name. */
export function placeAbove(document: DocumentKey, id: string, left: number, top: number, name: string): string {
  return `${HELPERS}
var picture=app.activeDocument,target=home(${literal(document)});
if(!target)throw new Error("document gone");
picture.activeLayer.name=${literal(name)};
picture.activeLayer.duplicate(target,ElementPlacement.PLACEATBEGINNING);
picture.close(SaveOptions.DONOTSAVECHANGES);
app.activeDocument=target;
var made=target.layers[0],below=find(${literal(id)});
made.move(below,ElementPlacement.PLACEBEFORE);
target.activeLayer=made;
var b=box(made);
made.translate(${literal(left)}-b[0],${literal(top)}-b[1]);
var at="";each(target.layers,"",function(l,p){if(l===made||(l.id!==undefined&&l.id===made.id))at=idOf(l,p);});
reply(at);`;
}

export function selectLayer(id: string): string {
  return `${HELPERS}app.activeDocument.activeLayer=find(${literal(id)});`;
}

/** One step back in the history. */
export function undoStep(): string {
  return 'executeAction(stringIDToTypeID("undo"),undefined,DialogModes.NO);';
}
