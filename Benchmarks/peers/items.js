// The items under node's http server with graphql-js; each document is parsed and validated once.
const http = require('http');
const { buildSchema, parse, validate, execute } = require('graphql');

const schema = buildSchema(`
  type Query { hello: String, items(first: Int): [Item!]! }
  type Item { id: ID!, name: String!, status: String!, price: Float!, count: Int!, active: Boolean!, createdAt: String!, note: String, owner: Owner! }
  type Owner { id: ID!, email: String! }
`);
const items = Array.from({ length: 50 }, (_, n) => ({
  id: `item-${n}`, name: `Item number ${n}`, status: 'READY', price: n + 0.25, count: n * 3, active: n % 2 === 0,
  createdAt: '2026-01-01T12:00:00+00:00', note: null, owner: { id: `item-${n}`, email: `user${n}@example.org` },
}));
const root = { hello: 'world', items: ({ first }) => items.slice(0, first) };
const documents = new Map();

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks));
    let document = documents.get(query);
    if (!document) {
      document = parse(query);
      if (validate(schema, document).length > 0) throw new Error('invalid');
      documents.set(query, document);
    }
    const result = execute({ schema, document, rootValue: root, variableValues: variables });
    const body = JSON.stringify(result);
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
