"use strict";
const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Connections and the server as lifelines, bytes as arrows between them.
function diagram(one) {
  const connections = [...new Set(one.lines.map((line) => line[0]).filter((n) => n > 0))].sort((a, b) => a - b);
  const lanes = new Map(connections.map((number, index) => [number, 70 + index * 90]));
  const server = 70 + Math.max(connections.length, 1) * 90;
  const widest = Math.max(30, ...one.lines.map((line) => line[3].length));
  const width = server + 40 + widest * 7.3, step = 22, top = 44;
  const rows = one.lines.length + (one.left_out ? 1 : 0);
  const height = top + rows * step + 12;
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", style: `width:${width}px` });
  svg.append(shape("title", {}, `The conversation of ${one.id}`));
  const heads = [...lanes].map(([number, x]) => [x, `client ${number}`]).concat([[server, "server"]]);
  for (const [x, name] of heads) {
    svg.append(shape("text", { x, y: 20, "text-anchor": "middle", class: "head" }, name));
    svg.append(shape("line", { x1: x, y1: 28, x2: x, y2: height - 6, class: "life" }));
  }
  let y = top;
  one.lines.forEach(([connection, side, at, data], index) => {
    if (one.left_out && index === one.head) {
      svg.append(shape("text", { x: server + 14, y: y + 4, class: "remark" }, `… ${one.left_out} lines …`));
      y += step;
    }
    if (side === "#") {
      svg.append(shape("text", { x: server + 14, y: y + 4, class: "remark" }, data));
    } else {
      const from = side === "C" ? lanes.get(connection) : server;
      const to = side === "C" ? server : lanes.get(connection);
      const tip = side === "C" ? -7 : 7;
      const arrow = shape("path", { d: `M${from} ${y}H${to}m${tip} -4l${-tip} 4l${tip} 4`, fill: "none", class: side });
      if (at) arrow.append(shape("title", {}, `after ${at} ms`));
      svg.append(arrow, shape("text", { x: server + 14, y: y + 4 }, data.replace(/␍␊$/, " ↵")));
    }
    y += step;
  });
  return element("div", { class: "diagram", tabindex: "0", role: "group", "aria-label": "sequence diagram" }, svg);
}
