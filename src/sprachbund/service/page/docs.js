// The API in words: what /openapi.json says, written out. No library, nothing from elsewhere.

import { $, el } from "./dom.js";

const code = (text) => el("code", {}, text);
const SHOWN = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"];

function type(schema) {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map(type).join(" | ");
  if (schema.$ref) return schema.$ref.split("/").pop();
  if ([schema.type].flat().includes("array")) return [`[${type(schema.items ?? {})}]`, ...[schema.type].flat().slice(1)].join(" | ");
  return [schema.type ?? "anything"].flat().join(" | ");
}

function fields(schema, answered = false) {
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const notes = SHOWN.filter((bound) => bound in field).map((bound) => `${bound} ${field[bound]}`);
    if (answered) notes.length = 0;
    else if (schema.required?.includes(name)) notes.unshift("required");
    else if (field.default !== undefined && field.default !== null) notes.unshift(`default ${JSON.stringify(field.default)}`);
    return el("tr", {}, el("td", {}, code(name)), el("td", {}, code(type(field))), el("td", {}, [field.description, notes.join(", ")].filter(Boolean).join(" · ")));
  });
  return el("table", {}, el("tr", {}, ...["field", "type", "meaning"].map((text) => el("th", {}, text))), ...rows);
}

function operation(path, method, found, schemas) {
  const nodes = [el("h2", {}, el("b", {}, method.toUpperCase()), code(path)), el("p", {}, found.description ?? found.summary ?? "")];
  if (found.parameters?.length) {
    const properties = Object.fromEntries(found.parameters.map((one) => [one.name, one.schema]));
    nodes.push(fields({ properties, required: found.parameters.filter((one) => one.required).map((one) => one.name) }));
  }
  const [kind, body] = Object.entries(found.requestBody?.content ?? {})[0] ?? [];
  if (body) nodes.push(body.schema.properties ? fields(body.schema) : el("p", { class: "soft" }, "The body: ", code(kind)));
  for (const [status, answer] of Object.entries(found.responses)) {
    const name = answer.content?.["application/json"]?.schema?.$ref?.split("/").pop();
    if (name && status === "200") nodes.push(el("p", { class: "soft" }, "Answers with"), fields(schemas[name], true));
  }
  const errors = Object.keys(found.responses).filter((status) => status >= "400");
  if (errors.length) nodes.push(el("p", { class: "soft" }, `Errors: ${errors.join(", ")}`));
  return nodes;
}

const api = await (await fetch("/openapi.json")).json();
for (const [path, methods] of Object.entries(api.paths))
  for (const [method, found] of Object.entries(methods)) $("api").append(...operation(path, method, found, api.components?.schemas ?? {}));
