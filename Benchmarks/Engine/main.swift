import API
import AttackDocuments
import EventLoop
import Glibc
import GraphQL
import HTTPServer
import Logging

/// `measure [CASE]` prints the time of each step of the engine, or of one, as JSON lines; `attack N` what a hostile document takes; `serve PORT`
/// serves the items over HTTP, with the same parts as the server.

private func thread() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Prints the median over nine rounds of the CPU time of one call, in microseconds.
private func measure(_ name: String, _ body: () throws -> Void) rethrows {
  guard CommandLine.arguments.count < 3 || CommandLine.arguments[2] == name else { return }
  try body()
  var rounds = 1
  while true {
    let start = thread()
    for _ in 0..<rounds { try body() }
    if thread() - start > 0.02 { break }
    rounds *= 2
  }
  var times: [Double] = []
  for _ in 0..<9 {
    let start = thread()
    for _ in 0..<rounds { try body() }
    times.append((thread() - start) / Double(rounds) * 1e6)
  }
  times.sort()
  print("{\"case\":\"\(name)\",\"us\":\(times[4])}")
}

private func plan(_ query: String, _ binding: SchemaBinding) throws -> Plan {
  let document = try Parser.parse(query)
  return try PlanCompiler.compile(document, operation: try document.operation(named: nil), binding: binding)
}

private func measureAll() throws {
  let api = try APISchema()
  let query =
    "query Inbox($first: Int, $order: [WorkItemOrderSetType]) { allWorkItems(first: $first, order: $order) { edges { node { id status name case { id status } task { slug name } } } } }"
  let source = ContiguousArray((query + String(repeating: " ", count: max(0, 184 - query.utf8.count))).utf8)
  let limits = Limits()
  try measure("schema build") { _ = try Schema.build(APISchema.source) }
  try measure("parse") { _ = try Parser.parse(source, limits: limits) }
  let document = try Parser.parse(source, limits: limits)
  let errors = validate(api.binding.schema, document, limits: limits)
  precondition(errors.isEmpty, "\(errors)")
  measure("validate") { _ = validate(api.binding.schema, document, limits: limits) }
  try measure("parse + validate") {
    let document = try Parser.parse(source, limits: limits)
    _ = validate(api.binding.schema, document, limits: limits)
  }
  let operation = try document.operation(named: nil)
  try measure("plan compile") { _ = try PlanCompiler.compile(document, operation: operation, binding: api.binding) }
  let compiled = try PlanCompiler.compile(document, operation: operation, binding: api.binding)
  let variables = ValueObject([.init(name: "first", value: .int(20))])
  measure("variables of a known plan") { _ = try? compiled.coerceVariables(variables, limits: limits) }
  let items = try ItemsSchema.binding()
  let itemsPlan = try plan(ItemsSchema.query, items)
  let output = OutputBuffer(capacity: 16_384)
  measure("50 items, execute to bytes") {
    output.truncate(to: 0)
    var execution = Execution(plan: itemsPlan, variables: VariableValues(), context: ExecutionContext())
    execution.runSynchronously(into: output)
  }
  let introspection = try Parser.parse(IntrospectionQuery.full)
  let everything = try introspection.operation(named: nil)
  try measure("full introspection, cold") {
    output.truncate(to: 0)
    let plan = try PlanCompiler.compile(introspection, operation: everything, binding: api.binding)
    var execution = Execution(plan: plan, variables: VariableValues(), context: ExecutionContext())
    execution.runSynchronously(into: output)
  }
  let known = try PlanCompiler.compile(introspection, operation: everything, binding: api.binding)
  measure("full introspection, warm") {
    output.truncate(to: 0)
    var execution = Execution(plan: known, variables: VariableValues(), context: ExecutionContext())
    execution.runSynchronously(into: output)
  }
}

/// Answers every request from a plan that is compiled once per document, as the server does.
private final class ItemsHandler: HTTPHandler, @unchecked Sendable {  // confined to its loop's thread
  private let binding: SchemaBinding
  private var plans: [String: Plan] = [:]

  init(_ binding: SchemaBinding) {
    self.binding = binding
  }

  func handle(_ exchange: HTTPExchange) {
    let body = exchange.request.withBody { ContiguousArray($0) }
    guard let query = (try? JSONDocument(body))?.root["query"]?.string, let plan = plan(query) else {
      return exchange.respond(HTTPResponse(status: 400))
    }
    var execution = Execution(plan: plan, variables: VariableValues(), context: ExecutionContext())
    let output = OutputBuffer(capacity: 8_192)
    execution.runSynchronously(into: output)
    exchange.respond(
      HTTPResponse(
        status: 200, fields: [("content-type", "application/json; charset=utf-8")], body: ContiguousArray(output.bytes)))
  }

  private func plan(_ query: String) -> Plan? {
    if let known = plans[query] { return known }
    guard let document = try? Parser.parse(query), validate(binding.schema, document).isEmpty,
      let operation = try? document.operation(named: nil),
      let plan = try? PlanCompiler.compile(document, operation: operation, binding: binding)
    else { return nil }
    plans[query] = plan
    return plan
  }
}

private func serve(_ port: UInt16) throws {
  let loop = try EventLoop(name: "items")
  var configuration = HTTPServerConfiguration()
  configuration.port = port
  let server = HTTPServer(
    loop: loop, configuration: configuration, handler: ItemsHandler(try ItemsSchema.binding()),
    logger: Logger(label: "items"))
  loop.execute {
    do {
      print("listening on \(try server.start())")
      fflush(nil)
    } catch {
      print("\(error)")
      exit(1)
    }
  }
  loop.run()
}

/// Bytes that a line of `/proc/self/status` tells, such as the peak of the memory.
private func status(_ name: String) -> Int {
  guard let file = fopen("/proc/self/status", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  while fgets(&line, 256, file) != nil {
    let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).split { $0.isWhitespace }
    if fields.first == "\(name):", fields.count > 1 { return (Int(fields[1]) ?? 0) * 1_024 }
  }
  return 0
}

/// One hostile document in a process of its own, so that the peak of the memory is its own as well.
private func attack(_ number: Int) {
  _ = AttackRun(.harmless)
  // Lets the peak begin anew.
  if let file = fopen("/proc/self/clear_refs", "w") {
    fputs("5", file)
    fclose(file)
  }
  let before = status("VmRSS")
  guard let run = AttackRun(Attack.all[number]) else { return }
  let peak = Double(max(0, status("VmHWM") - before)) / 1e6
  print("{\"attack\":\"\(Attack.all[number])\",\"ms\":\(run.milliseconds),\"mb\":\(peak)}")
}

if CommandLine.arguments.count > 2, CommandLine.arguments[1] == "attack" {
  // A number that is none ends the list.
  if let number = Int(CommandLine.arguments[2]), Attack.all.indices.contains(number) { attack(number) }
} else if CommandLine.arguments.count > 2, CommandLine.arguments[1] == "serve", let port = UInt16(CommandLine.arguments[2]) {
  try serve(port)
} else {
  try measureAll()
}
