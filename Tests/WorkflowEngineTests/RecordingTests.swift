import Expressions
import Glibc
import Testing
import WorkflowEngine

/// Replays the recorded conversation with Caluma on the engine alone. The recording lies beside the package.
@Suite("The recorded workflow scenario")
struct RecordingTests {
  static let path: String = {
    let here = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return "/\(here)/shared/scenario/workflow.golden.jsonl"
  }()

  static func lines() -> [Value]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { Value(json: String(decoding: $0, as: UTF8.self)) }
  }

  @Test("every answer about cases and work items is the recorded one", arguments: [Compatibility.exact, .caluma])
  func replay(compatibility: Compatibility) throws {
    guard let lines = Self.lines() else {
      print("SKIPPED: there is no recording at \(Self.path)")
      return
    }
    var replay = Replay(compatibility: compatibility)
    for line in lines { replay.run(line) }
    #expect(replay.compared > 400)
    #expect(Set(replay.differences.map(\.step)) == Self.known[compatibility])
    for difference in replay.differences where Self.known[compatibility]?.contains(difference.step) != true {
      print("\(difference.step): \(difference.text)")
    }
  }

  /// Where the engine is meant to differ: both branches of a join can be redone, and a canceled sibling does not
  /// block a join, so that the steps behind it find another state.
  static let known: [Compatibility: Set<String>] = [
    .exact: [
      "redo/split-decide-ready", "reopen/join-blocked-by-canceled", "reopen/join-blocked-state",
      "reopen/both-branches", "reopen/both-one", "reopen/both-two",
    ],
    .caluma: [],
  ]
}

/// The families of the scenario, with the names that the recording gives to ids.
struct Replay {
  let compatibility: Compatibility
  var definitions = Definitions()
  var startTasks: [String: [String]] = [:]
  var flows: [String: [(tasks: [String], next: String, redoable: String?)]] = [:]
  var families: [EntityID: FamilyState] = [:]
  var familyOf: [EntityID: EntityID] = [:]
  var ids = CountingIDs()
  var now: Int64 = 0
  var names: [String: EntityID] = [:]
  var bound: Set<EntityID> = []
  var compared = 0
  var differences: [(step: String, text: String)] = []
  private var step = ""

  init(compatibility: Compatibility) { self.compatibility = compatibility }

  static func text(_ value: Value?) -> String? {
    if case .string(let text) = value { text } else { nil }
  }

  static func list(_ value: Value?) -> [Value]? {
    if case .array(let items) = value { items } else { nil }
  }

  static func texts(_ value: Value?) -> [String]? {
    list(value)?.compactMap { text($0) }
  }

  static func flag(_ value: Value?) -> Bool? {
    if case .bool(let flag) = value { flag } else { nil }
  }

  /// What is innermost of `<gid:Case:<uuid:$x>>`, `<uuid:$x>`, `<gid:Task:slug>`.
  static func bare(_ text: String) -> String {
    guard text.hasPrefix("<") else { return text }
    var inner = Substring(text)
    if let start = text.lastIndex(of: "<") { inner = text[text.index(after: start)...] }
    inner = inner.prefix { $0 != ">" }
    return String(inner.split(separator: ":", maxSplits: inner.hasPrefix("gid") ? 2 : 1).last ?? "")
  }

  static func withoutIDs(_ text: String) -> String {
    text.split(separator: " ").filter { !$0.hasPrefix("<uuid") && EntityID($0) == nil }.joined(separator: " ")
  }

  mutating func run(_ line: Value) {
    step = Self.text(line["name"]) ?? ""
    let query = Self.text(line["request"]?["query"]) ?? ""
    let response = line["response"] ?? .null
    let variables = line["request"]?["variables"] ?? .null
    let isQuirk = Self.text(line["quirk"]) != nil
    let before = differences.count
    if query.hasPrefix("mutation") {
      if query.contains("a: saveCase") {
        for alias in ["a", "b"] {
          guard let answer = response["data"]?[alias]?["case"], case .object = answer else { continue }
          mutate("saveCase", .object([.init(key: "workflow", value: variables["w"] ?? .null)]), answer, nil)
        }
      } else if let field = query.split(separator: "{").dropFirst().first?.split(separator: "(").first {
        let name = field.split(separator: " ").joined()
        let answer = response["data"]?[name] ?? .null
        let object = answer["workItem"] ?? .null
        let error = Self.list(response["errors"])?.first.flatMap { Self.text($0["message"]) }
        mutate(name, variables["input"] ?? .null, object == .null ? answer["case"] ?? .null : object, error)
      }
    } else if let node = response["data"]?["node"], case .object = node {
      if let items = node["workItems"], case .object = items { compare(case: node) }
      if let items = node["familyWorkItems"], case .object = items, !query.contains("filter:") {
        compareItems(items, of: nil)
      }
    }
    if isQuirk && compatibility == .exact { differences.removeLast(differences.count - before) }
  }

  // MARK: commands

  private mutating func mutate(_ name: String, _ input: Value, _ answer: Value, _ error: String?) {
    switch name {
    case "saveSimpleTask": if error == nil { saveTask(input) }
    case "saveWorkflow": if error == nil { saveWorkflow(input) }
    case "addWorkflowFlow": if error == nil { addFlow(input) }
    default:
      guard let command = command(name, input, error) else { return }
      let refusal = perform(command, input)
      switch (refusal, error) {
      case (nil, nil):
        if answer["task"] != nil, answer["status"] != nil, name == "createWorkItem" || name == "saveWorkItem" {
          compareItem(answer)
        } else if let found = answer["case"], case .object = found {
          if name != "createWorkItem" { compare(case: found) }
        } else if answer["workItems"] != nil {
          compare(case: answer)
        }
      case (let refusal?, let error?):
        compared += 1
        let shown = Self.withoutIDs(error.split(separator: "\\").joined())
        if refusal.code != .expression && !shown.contains(Self.withoutIDs(refusal.message)) {
          differences.append((step, "refused with \(refusal.message), not \(error)"))
        }
      case (let refusal?, nil): differences.append((step, "refused with \(refusal.message)"))
      case (nil, let error?): differences.append((step, "not refused: \(error)"))
      }
    }
  }

  private mutating func saveTask(_ input: Value) {
    guard let slug = Self.text(input["slug"]) else { return }
    var task = definitions.task(slug) ?? TaskDefinition(slug: slug)
    guard case .object(let members) = input else { return }
    for member in members {
      switch member.key {
      case "isMultipleInstance": task.isMultipleInstance = Self.flag(member.value) ?? false
      case "continueAsync": task.continueAsync = Self.flag(member.value) ?? false
      case "addressGroups": task.addressGroups = Self.text(member.value)
      case "controlGroups": task.controlGroups = Self.text(member.value)
      case "leadTime": if case .int(let seconds) = member.value { task.leadTime = seconds } else { task.leadTime = nil }
      default: break
      }
    }
    definitions.insert(task)
  }

  private mutating func saveWorkflow(_ input: Value) {
    guard let slug = Self.text(input["slug"]), let start = Self.texts(input["startTasks"]) else { return }
    startTasks[slug] = start.map(Self.bare)
    define(slug)
  }

  private mutating func addFlow(_ input: Value) {
    guard let workflow = Self.text(input["workflow"]).map(Self.bare), let next = Self.text(input["next"]),
      let tasks = Self.texts(input["tasks"])?.map(Self.bare)
    else { return }
    flows[workflow, default: []].removeAll { flow in flow.tasks.contains { tasks.contains($0) } }
    flows[workflow, default: []].append((tasks, next, Self.text(input["redoable"])))
    define(workflow)
  }

  private mutating func define(_ slug: String) {
    var redoable: [String: String] = [:]
    for flow in flows[slug] ?? [] {
      for task in flow.tasks { redoable[task] = flow.redoable }
    }
    definitions.insert(
      WorkflowDefinition(
        slug: slug, startTasks: startTasks[slug] ?? [],
        flows: (flows[slug] ?? []).map { FlowDefinition(id: ids.next(), next: $0.next, tasks: $0.tasks) },
        redoable: redoable, compatibility: compatibility))
  }

  /// Nil for what never reaches the engine: unknown ids and input that is refused before.
  private func command(_ name: String, _ input: Value, _ error: String?) -> Command? {
    if let error {
      for mark in [
        "Variable '$input'", "Invalid pk", "matches the given query", "UUID", "may not be", "has no attribute 'get'",
      ] where error.contains(mark) {
        guard error.contains("NoneType"), error.contains("get") else { return nil }
      }
    }
    func id(_ key: String) -> EntityID? { Self.text(input[key]).flatMap { names[Self.bare($0)] } }
    switch name {
    case "saveCase":
      guard let workflow = Self.text(input["workflow"]).map(Self.bare) else { return nil }
      if let given = Self.text(input["id"]) {
        return names[Self.bare(given)].map {
          .updateCase(UpdateCase(id: $0, workflow: workflow, meta: Self.text(input["meta"])))
        }
      }
      let parent = id("parentWorkItem")
      if input["parentWorkItem"] != .null && parent == nil { return nil }
      return .startCase(StartCase(workflow: workflow, parentWorkItem: parent))
    case "cancelCase": return id("id").map { .cancelCase($0) }
    case "suspendCase": return id("id").map { .suspendCase($0) }
    case "resumeCase": return id("id").map { .resumeCase($0) }
    case "reopenCase":
      let items = Self.texts(input["workItems"])?.compactMap { names[Self.bare($0)] } ?? []
      return id("id").map { .reopenCase($0, workItems: items) }
    case "completeWorkItem": return id("id").map { .completeWorkItem($0) }
    case "skipWorkItem": return id("id").map { .skipWorkItem($0) }
    case "cancelWorkItem": return id("id").map { .cancelWorkItem($0) }
    case "suspendWorkItem": return id("id").map { .suspendWorkItem($0) }
    case "resumeWorkItem": return id("id").map { .resumeWorkItem($0) }
    case "redoWorkItem": return id("id").map { .redoWorkItem($0) }
    case "saveWorkItem":
      return id("workItem").map {
        .saveWorkItem(SaveWorkItem(id: $0, assignedUsers: Self.texts(input["assignedUsers"])))
      }
    case "createWorkItem":
      guard let found = id("case"), let task = Self.text(input["multipleInstanceTask"]) else { return nil }
      return .createWorkItem(
        CreateWorkItem(
          caseID: found, task: task, addressedGroups: Self.texts(input["addressedGroups"]),
          controllingGroups: Self.texts(input["controllingGroups"]),
          assignedUsers: Self.texts(input["assignedUsers"]) ?? []))
    default: return nil
    }
  }

  private func target(_ command: Command) -> EntityID? {
    switch command {
    case .startCase(let input): input.parentWorkItem
    case .updateCase(let input): input.id
    case .cancelCase(let id), .suspendCase(let id), .resumeCase(let id), .reopenCase(let id, _): id
    case .completeWorkItem(let id, _), .skipWorkItem(let id), .cancelWorkItem(let id), .suspendWorkItem(let id),
      .resumeWorkItem(let id), .redoWorkItem(let id):
      id
    case .createWorkItem(let input): input.caseID
    case .saveWorkItem(let input): input.id
    default: nil
    }
  }

  private mutating func perform(_ command: Command, _ input: Value) -> EngineError? {
    now += 1_000
    let family = target(command).flatMap { familyOf[$0] }
    var execution = Execution(
      definitions: definitions, state: family.flatMap { families[$0] } ?? FamilyState(), command: command,
      context: Self.text(input["context"]), now: now, ids: ids, evaluator: TestEvaluator())
    do throws(EngineError) {
      while try execution.next() != nil {}
    } catch {
      return error
    }
    ids = execution.ids
    guard let root = execution.state.family else { return nil }
    families[root] = execution.state
    for found in execution.state.cases { familyOf[found.id] = root }
    for item in execution.state.workItems { familyOf[item.id] = root }
    if case .startCase = command { started = execution.caseID }
    if case .createWorkItem = command { started = execution.workItemID }
    return nil
  }

  /// What the last command created: what a name that is new belongs to.
  private var started: EntityID?

  // MARK: comparison

  private mutating func bind(_ name: String, _ id: EntityID) {
    names[name] = id
    bound.insert(id)
  }

  private mutating func compare(case answer: Value) {
    guard let name = Self.text(answer["id"]).map(Self.bare) else { return }
    if names[name] == nil, let new = started, !bound.contains(new) { bind(name, new) }
    guard let id = names[name], let state = familyOf[id].flatMap({ families[$0] }), let found = state.case(id) else {
      differences.append((step, "no case for \(name)"))
      return
    }
    compared += 1
    if let status = Self.text(answer["status"]), status != found.status.rawValue.uppercased() {
      differences.append((step, "case is \(found.status), recorded \(status)"))
    }
    if let items = answer["workItems"], case .object = items { compareItems(items, of: id) }
  }

  private mutating func compareItem(_ answer: Value) {
    guard let name = Self.text(answer["id"]).map(Self.bare) else { return }
    if names[name] == nil, let new = started, !bound.contains(new) { bind(name, new) }
    guard let id = names[name], let item = familyOf[id].flatMap({ families[$0]?.workItem(id) }) else { return }
    compared += 1
    for (key, ours) in [
      ("addressedGroups", item.addressedGroups), ("controllingGroups", item.controllingGroups),
      ("assignedUsers", item.assignedUsers),
    ] {
      if let theirs = Self.texts(answer[key]), theirs != ours {
        differences.append((step, "\(key) \(ours), recorded \(theirs)"))
      }
    }
    if Self.text(answer["status"]) != item.status.rawValue.uppercased() {
      differences.append((step, "item is \(item.status)"))
    }
  }

  /// Compares the work items of a case, or of all cases of the family of the first one.
  private mutating func compareItems(_ connection: Value, of caseID: EntityID?) {
    let nodes = (Self.list(connection["edges"]) ?? []).compactMap { $0["node"] }
    let names = self.names
    let known = nodes.compactMap { Self.text($0["id"]).map(Self.bare) }.compactMap { names[$0] }.first
    guard let root = (caseID ?? known).flatMap({ familyOf[$0] }), let state = families[root] else { return }
    let items = state.workItems.filter { caseID == nil || $0.caseID == caseID }
    if case .int(let total) = connection["totalCount"], total != items.count {
      differences.append((step, "\(items.count) items, recorded \(total)"))
    }
    var theirs: [String] = []
    var ours: [String] = []
    for node in nodes {
      theirs.append(describe(node))
      guard let name = Self.text(node["id"]).map(Self.bare), self.names[name] == nil else { continue }
      if let match = items.first(where: { !bound.contains($0.id) && describe($0, like: node, state) == theirs.last }) {
        bind(name, match.id)
      }
    }
    if let shape = nodes.first { for item in items { ours.append(describe(item, like: shape, state)) } }
    if !nodes.isEmpty, nodes.count == items.count || caseID == nil, ours.sorted() != theirs.sorted() {
      differences.append((step, "\(ours.sorted()), recorded \(theirs.sorted())"))
    }
    for node in nodes {
      guard let id = Self.text(node["id"]).map(Self.bare).flatMap({ self.names[$0] }), let item = state.workItem(id)
      else {
        continue
      }
      if Self.text(node["status"]) != item.status.rawValue.uppercased() {
        differences.append((step, "\(item.task) is \(item.status)"))
      }
      if let previous = node["previousWorkItem"]?["id"], let name = Self.text(previous).map(Self.bare),
        self.names[name] != item.previousWorkItem
      {
        differences.append((step, "\(item.task) follows another item"))
      }
      guard let redoable = Self.flag(node["isRedoable"]) else { continue }
      var execution = Execution(
        definitions: definitions, state: state, command: .cancelCase(item.caseID), now: now, ids: ids,
        evaluator: TestEvaluator())
      if (try? execution.isRedoable(id)) != redoable {
        differences.append((step, "\(item.task) redoable: recorded \(redoable)"))
      }
    }
  }

  private func describe(_ node: Value) -> String {
    var text = "\(Self.text(node["task"]?["slug"]) ?? "") \(Self.text(node["status"]) ?? "")"
    if let groups = Self.texts(node["addressedGroups"]) { text += " \(groups)" }
    if let groups = Self.texts(node["controllingGroups"]) { text += " \(groups)" }
    if let previous = node["previousWorkItem"], has(node, "previousWorkItem") {
      text += " after \(previous == .null ? "nothing" : "something")"
    }
    if has(node, "childCase") { text += " child \(Self.text(node["childCase"]?["status"]) ?? "none")" }
    return text
  }

  private func has(_ node: Value, _ key: String) -> Bool {
    guard case .object(let members) = node else { return false }
    return members.contains { $0.key == key }
  }

  private func describe(_ item: WorkItem, like node: Value, _ state: FamilyState) -> String {
    var text = "\(item.task) \(item.status.rawValue.uppercased())"
    if has(node, "addressedGroups") { text += " \(item.addressedGroups)" }
    if has(node, "controllingGroups") { text += " \(item.controllingGroups)" }
    if has(node, "previousWorkItem") { text += " after \(item.previousWorkItem == nil ? "nothing" : "something")" }
    if has(node, "childCase") {
      text += " child \(item.childCase.flatMap { state.case($0)?.status.rawValue.uppercased() } ?? "none")"
    }
    return text
  }
}
