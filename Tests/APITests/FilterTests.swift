import Foundation
import GraphQL
import Testing

@testable import API

/// Every filter and order of the workflow types over rows that are known, with the ids that have to come.
@Suite("Filters and orders")
struct FilterTests {
  static func caseID(_ number: Int) -> String {
    "00000000-0000-7000-8000-0000000000" + (number < 10 ? "0" : "") + "\(number)"
  }
  static func time(_ day: String) -> String { "\"2020-\(day)T00:00:00+00:00\"" }

  static let workItems: [(String, [Int])] = [
    ("status: READY", [11]), ("status: COMPLETED", [12]), ("status: SKIPPED", [13]), ("status: SUSPENDED", [14]),
    ("status: CANCELED", [15]), ("status: REDO", [16]), ("status: null", [11, 12, 13, 14, 15, 16]),
    ("name: \"One\"", [11, 13]), ("name: \"xOne\"", []), ("name: \"\"", [11, 12, 13, 14, 15, 16]),
    ("task: \"t1\"", [11, 13]), ("tasks: [\"t2\", \"t3\"]", [12, 14, 15, 16]), ("tasks: []", [11, 12, 13, 14, 15, 16]),
    ("case: \"\(caseID(3))\"", [14, 15]), ("case: \"\(caseID(9))\"", []),
    ("createdAt: \(time("01-13"))", [12]), ("closedAt: \(time("02-01"))", [12]), ("modifiedAt: \(time("02-16"))", [14]),
    ("deadline: \(time("03-02"))", [13]), ("deadlineBefore: \(time("03-01"))", [15]),
    ("deadlineAfter: \(time("03-01"))", [11, 13]), ("hasDeadline: true", [11, 13, 15]),
    ("hasDeadline: false", [12, 14, 16]),
    ("caseFamily: \"\(caseID(1))\"", [11, 12, 13]), ("id: \"\(caseID(14))\"", [14]),
    ("createdByUser: \"ann\"", [11, 14]), ("createdByGroup: \"bobs\"", [12, 16]), ("modifiedByUser: \"bob\"", [11, 13]),
    ("modifiedByGroup: \"anns\"", [14, 16]), ("createdBefore: \(time("01-13"))", [11]),
    ("createdAfter: \(time("01-16"))", [15, 16]), ("modifiedBefore: \(time("02-15"))", [16]),
    ("modifiedAfter: \(time("02-18"))", [11, 12]),
    ("addressedGroups: [\"g1\", \"g3\"]", [11, 14, 16]), ("addressedGroups: []", [11, 12, 13, 14, 15, 16]),
    ("controllingGroups: [\"c1\"]", [11, 13]), ("assignedUsers: [\"u1\", \"u3\"]", [11, 12, 15]),
    ("metaHasKey: \"b\"", [12]), ("metaHasKey: \"a\"", [11, 12, 13, 14, 16]),
    ("metaValue: [{key: \"a\", value: 1}]", [11]), ("metaValue: [{key: \"a\", value: \"1\"}]", [13]),
    ("metaValue: [{key: \"a\", value: [1, 2]}]", [14]), ("metaValue: [{key: \"a__b__c\", value: true}]", [16]),
    ("metaValue: [{key: \"a\", value: [1, \"1\"], lookup: IN}]", [11, 13]),
    ("metaValue: [{key: \"a\", value: [], lookup: IN}]", []),
    ("metaValue: [{key: \"a\", value: 2, lookup: CONTAINS}]", [12, 14]),
    ("metaValue: [{key: \"a\", value: {b: {c: true}}, lookup: CONTAINS}]", [16]),
    ("metaValue: [{key: \"a\", value: [2, 9], lookup: INTERSECTS}]", [14]),
    ("metaValue: [{key: \"a\", value: 1, lookup: GT}]", [12]),
    ("metaValue: [{key: \"a\", value: 1, lookup: GTE}]", [11, 12]),
    ("metaValue: [{key: \"a\", value: 2, lookup: LT}]", [11]),
    ("metaValue: [{key: \"a\", value: 2, lookup: LTE}]", [11, 12]),
    ("metaValue: [{key: \"c\", value: \"50%_\", lookup: STARTSWITH}]", [14]),
    ("metaValue: [{key: \"c\", value: \"5_\", lookup: STARTSWITH}]", []),
    ("metaValue: [{key: \"c\", value: \"%_x\", lookup: CONTAINS}]", [14]),
    ("metaValue: [{key: \"c\", value: \"_X\", lookup: ICONTAINS}]", [14]),
    ("metaValue: [{key: \"a\", value: 1, lookup: GTE}, {key: \"a\", value: 2, lookup: LT}]", [11]),
    ("metaValue: []", [11, 12, 13, 14, 15, 16]),
    ("caseMetaValue: [{key: \"k\", value: \"red\"}]", [11, 12]),
    ("rootCaseMetaValue: [{key: \"k\", value: \"red\"}]", [11, 12, 13]),
    ("caseMetaValue: [{key: \"tags\", value: \"b\", lookup: CONTAINS}]", [11, 12, 14, 15]),
    ("workflow: \"w1\"", [11, 12, 13]), ("workflow: \"w9\"", []), ("workflows: [\"w1\", \"w9\"]", [11, 12, 13]),
    ("workflows: []", [11, 12, 13, 14, 15, 16]), ("statuses: [READY, REDO]", [11, 16]), ("statuses: [ERROR]", []),
  ]

  static let cases: [(String, [Int])] = [
    ("workflow: \"w1\"", [1, 2]), ("ids: [\"\(caseID(2))\", \"\(caseID(4))\"]", [2, 4]), ("ids: []", [1, 2, 3, 4]),
    ("rootCase: \"\(caseID(1))\"", [1, 2]), ("status: [RUNNING, CANCELED]", [1, 4]), ("status: [COMPLETED]", [2]),
    ("status: [SUSPENDED]", [3]), ("status: []", [1, 2, 3, 4]), ("excludeChildCases: true", [1, 3, 4]),
    ("excludeChildCases: false", [1, 2, 3, 4]), ("createdByUser: \"ann\"", [1, 4]), ("createdByGroup: \"bobs\"", [2]),
    ("modifiedByUser: \"bob\"", [1, 3]), ("modifiedByGroup: \"anns\"", [4]), ("createdBefore: \(time("01-03"))", [1]),
    ("createdAfter: \(time("01-04"))", [3, 4]), ("modifiedBefore: \(time("02-27"))", [4]),
    ("modifiedAfter: \(time("02-28"))", [1, 2]), ("metaHasKey: \"z\"", [3]),
    ("metaValue: [{key: \"n\", value: 5}]", [1]), ("metaValue: [{key: \"n\", value: \"5\"}]", [3]),
    ("metaValue: [{key: \"k\", value: \"red\", lookup: ICONTAINS}]", [1, 2]),
    ("metaValue: [{key: \"k\", value: \"Red\", lookup: STARTSWITH}]", [2]),
    ("metaValue: [{key: \"deep__x\", value: 1}]", [1]), ("metaValue: [{key: \"deep__x__0\", value: 1}]", [2]),
    ("metaValue: [{key: \"deep__x\", value: 1, lookup: CONTAINS}]", [1, 2]),
    ("metaValue: [{key: \"tags\", value: [\"c\", \"a\"], lookup: INTERSECTS}]", [1, 3]),
  ]

  static let definitions: [(String, String, [String])] = [
    ("allWorkflows", "slug: \"w1\"", ["w1"]), ("allWorkflows", "name: \"w2\"", ["w2"]),
    ("allWorkflows", "description: \"The red one\"", ["w1"]), ("allWorkflows", "isPublished: true", ["w1"]),
    ("allWorkflows", "isPublished: false", ["w2"]), ("allWorkflows", "isArchived: true", ["w2"]),
    ("allWorkflows", "search: \"red\"", ["w1"]), ("allWorkflows", "search: \"w1 red\"", ["w1"]),
    ("allWorkflows", "search: \"re\"", []), ("allWorkflows", "search: \"\"", ["w1", "w2"]),
    ("allWorkflows", "metaHasKey: \"k\"", ["w1"]),
    ("allWorkflows", "metaValue: [{key: \"k\", value: \"red\"}]", ["w1"]),
    ("allWorkflows", "createdByUser: \"ann\"", ["w1", "w2"]), ("allWorkflows", "createdByGroup: \"x\"", []),
    ("allWorkflows", "modifiedByUser: \"ann\"", []), ("allWorkflows", "modifiedByGroup: \"x\"", []),
    ("allWorkflows", "createdBefore: \(time("01-01"))", []),
    ("allWorkflows", "createdAfter: \(time("01-01"))", ["w1", "w2"]),
    ("allWorkflows", "modifiedBefore: \(time("01-01"))", []),
    ("allWorkflows", "modifiedAfter: \(time("01-01"))", ["w1", "w2"]),
    ("allTasks", "slug: \"t3\"", ["t3"]), ("allTasks", "slugs: [\"t1\", \"t4\", \"zz\"]", ["t1", "t4"]),
    ("allTasks", "slugs: []", ["t1", "t2", "t3", "t4"]), ("allTasks", "name: \"Form filling\"", ["t4"]),
    ("allTasks", "description: \"Second step\"", ["t2"]), ("allTasks", "type: SIMPLE", ["t1", "t2", "t3"]),
    ("allTasks", "type: COMPLETE_WORKFLOW_FORM", ["t4"]), ("allTasks", "isArchived: true", ["t4"]),
    ("allTasks", "search: \"step\"", ["t2"]), ("allTasks", "search: \"filling forms\"", ["t4"]),
    ("allTasks", "metaHasKey: \"n\"", ["t2"]), ("allTasks", "metaValue: [{key: \"n\", value: 1, lookup: GT}]", ["t2"]),
    ("allTasks", "createdByUser: \"ann\"", ["t1", "t2", "t3", "t4"]),
    ("allTasks", "createdByGroup: \"anns\"", ["t1", "t2", "t3", "t4"]),
    ("allTasks", "modifiedByUser: \"ann\"", ["t1"]), ("allTasks", "modifiedByGroup: \"anns\"", ["t1"]),
    ("allTasks", "createdBefore: \(time("01-01"))", []),
    ("allTasks", "createdAfter: \(time("01-01"))", ["t1", "t2", "t3", "t4"]),
    ("allTasks", "modifiedBefore: \(time("01-01"))", []),
    ("allTasks", "modifiedAfter: \(time("01-01"))", ["t1", "t2", "t3", "t4"]),
  ]

  @Test("every filter gives its rows, and inverted all the others")
  func everyFilter() async throws {
    var settings = APISettings()
    settings.languages = ["en", "de"]
    try await Fixture.with(settings: settings) { fixture in
      try await fixture.fill()
      for (field, all, table) in [
        ("allWorkItems", Array(11...16), Self.workItems), ("allCases", Array(1...4), Self.cases),
      ] {
        for (filter, expected) in table {
          #expect(try await fixture.numbers(field, "filter: [{\(filter)}]") == expected, "\(field) \(filter)")
          // Without a restriction there is nothing to invert.
          let rest = expected == all ? all : all.filter { !expected.contains($0) }
          #expect(
            try await fixture.numbers(field, "filter: [{\(filter), invert: true}]") == rest, "\(field) not \(filter)")
        }
        #expect(try await fixture.numbers(field, "filter: []") == all)
        #expect(try await fixture.numbers(field, "filter: [{}, {invert: true}]") == all)
      }
      for (field, filter, expected) in Self.definitions {
        let all = field == "allTasks" ? ["t1", "t2", "t3", "t4"] : ["w1", "w2"]
        #expect(
          try await fixture.slugs(field, "filter: [{\(filter)}], order: [{attribute: SLUG}]") == expected,
          "\(field) \(filter)")
        let rest = filter.hasSuffix("\"\"") || filter.hasSuffix("[]") ? all : all.filter { !expected.contains($0) }
        #expect(
          try await fixture.slugs(field, "filter: [{\(filter), invert: true}], order: [{attribute: SLUG}]") == rest,
          "\(field) not \(filter)")
      }
    }
  }

  @Test("the fixture's table has every key of every filter")
  func complete() {
    func keys(_ filters: [String]) -> Set<String> { Set(filters.map { String($0.prefix { $0 != ":" }) }) }
    let forms: Set = [
      "documentForm", "documentForms", "hasAnswer", "workItemDocumentHasAnswer", "searchAnswers", "documentHasAnswer",
      "caseDocumentHasAnswer", "caseDocumentForms", "caseSearchAnswers",
    ]
    #expect(keys(Self.workItems.map(\.0)) == Set(WorkflowFilters.workItem.keys.keys).subtracting(forms))
    #expect(keys(Self.cases.map(\.0)) == Set(WorkflowFilters.case.keys.keys).subtracting(forms))
    #expect(
      keys(Self.definitions.filter { $0.0 == "allWorkflows" }.map(\.1)) == Set(WorkflowFilters.workflow.keys.keys))
    #expect(keys(Self.definitions.filter { $0.0 == "allTasks" }.map(\.1)) == Set(WorkflowFilters.task.keys.keys))
  }

  @Test("flows are filtered by their tasks and by who made them, and ordered")
  func flows() async throws {
    try await Fixture.with { fixture in
      try await fixture.fill()
      func flows(_ arguments: String) async throws -> [String] {
        let found = try await fixture.data(
          "{ allWorkflows(filter: [{slug: \"w1\"}]) { edges { node { flows(\(arguments)) { edges { node { next } } } "
            + "} } } }"
        )
        return (found["edges"]?.list?.first?["node"]?["flows"]?["edges"]?.list ?? []).compactMap {
          $0["node"]?["next"]?.string
        }
      }
      let (first, second) = ("'t2'|task", "'t1'|task")
      for (filter, expected) in [
        ("task: \"t3\"", [second]), ("task: \"t4\"", []), ("createdByUser: \"ann\"", [first, second]),
        ("createdByGroup: \"x\"", []),
        ("modifiedByUser: \"x\"", []), ("modifiedByGroup: \"x\"", []), ("createdBefore: \(Self.time("01-01"))", []),
        ("createdAfter: \(Self.time("01-01"))", [first, second]), ("modifiedBefore: \(Self.time("01-01"))", []),
        ("modifiedAfter: \(Self.time("01-01"))", [first, second]),
      ] {
        #expect(try await flows("filter: [{\(filter)}]") == expected, "\(filter)")
        let rest = [first, second].filter { !expected.contains($0) }
        #expect(try await flows("filter: [{\(filter), invert: true}]") == rest, "not \(filter)")
      }
      for attribute in ["CREATED_AT", "MODIFIED_AT", "TASK"] {
        #expect(try await flows("order: [{attribute: \(attribute)}]") == [first, second])
        #expect(try await flows("order: [{attribute: \(attribute), direction: DESC}]") == [second, first])
      }
    }
  }

  @Test("several elements and several keys all apply, or the first key only where that is set")
  func several() async throws {
    let filter = "filter: [{task: \"t1\", status: READY}, {hasDeadline: true}]"
    try await Fixture.with { fixture in
      try await fixture.fill()
      #expect(try await fixture.numbers("allWorkItems", filter) == [11])
      #expect(
        try await fixture.numbers("allWorkItems", "filter: [{task: \"t1\", status: READY, invert: true}]") == [
          12, 13, 14, 15, 16,
        ])
    }
    var settings = APISettings()
    settings.filterKeys = .first
    try await Fixture.with(settings: settings) { fixture in
      try await fixture.fill()
      // `status` stands before `task` in the schema.
      #expect(try await fixture.numbers("allWorkItems", "filter: [{task: \"t1\", status: SUSPENDED}]") == [14])
      #expect(try await fixture.numbers("allWorkItems", filter) == [11])
      #expect(
        try await fixture.numbers("allWorkItems", "filter: [{task: \"t1\", status: null}]") == [11, 12, 13, 14, 15, 16])
    }
  }

  static let workItemOrders: [(String, [Int])] = [
    ("attribute: CREATED_AT", [11, 12, 13, 14, 15, 16]), ("attribute: MODIFIED_AT", [16, 15, 14, 13, 12, 11]),
    ("attribute: CLOSED_AT", [12, 15, 13, 11, 14, 16]), ("attribute: DEADLINE", [15, 11, 13, 12, 14, 16]),
    ("attribute: STATUS", [15, 12, 11, 16, 13, 14]), ("attribute: SLUG", [11, 13, 12, 16, 14, 15]),
    ("attribute: NAME", [15, 11, 13, 14, 12, 16]), ("attribute: DESCRIPTION", [15, 11, 13, 14, 12, 16]),
    ("attribute: CASE__DOCUMENT__FORM__NAME", [11, 12, 13, 14, 15, 16]),
    ("meta: \"a\"", [13, 11, 12, 14, 16, 15]), ("caseMeta: \"n\"", [14, 15, 11, 12, 13, 16]),
  ]

  @Test("every order sorts by its column, null last, and turned around null first")
  func orders() async throws {
    try await Fixture.with { fixture in
      try await fixture.fill()
      for (order, expected) in Self.workItemOrders {
        #expect(try await fixture.numbers("allWorkItems", "order: [{\(order)}]") == expected, "\(order)")
        #expect(
          try await fixture.numbers("allWorkItems", "order: [{\(order), direction: DESC}]") == expected.reversed(),
          "\(order) descending")
      }
      for (order, expected) in [
        ("attribute: CREATED_AT", [1, 2, 3, 4]), ("attribute: MODIFIED_AT", [4, 3, 2, 1]),
        ("attribute: STATUS", [4, 2, 1, 3]),
        ("attribute: DOCUMENT__FORM__NAME", [1, 2, 3, 4]), ("meta: \"n\"", [3, 1, 2, 4]),
      ] {
        #expect(try await fixture.numbers("allCases", "order: [{\(order)}]") == expected, "\(order)")
        #expect(
          try await fixture.numbers("allCases", "order: [{\(order), direction: DESC}]") == expected.reversed(),
          "\(order)")
      }
      #expect(
        try await fixture.numbers(
          "allWorkItems", "order: [{attribute: SLUG}, {attribute: CREATED_AT, direction: DESC}]") == [
            13, 11, 16, 12, 15, 14,
          ])
      for (field, order, expected) in [
        ("allWorkflows", "CREATED_AT", ["w1", "w2"]), ("allWorkflows", "MODIFIED_AT", ["w1", "w2"]),
        ("allWorkflows", "ALLOW_ALL_FORMS", ["w1", "w2"]), ("allWorkflows", "IS_ARCHIVED", ["w1", "w2"]),
        ("allWorkflows", "IS_PUBLISHED", ["w2", "w1"]), ("allWorkflows", "NAME", ["w1", "w2"]),
        ("allWorkflows", "DESCRIPTION", ["w2", "w1"]), ("allWorkflows", "SLUG", ["w1", "w2"]),
        ("allTasks", "CREATED_AT", ["t1", "t2", "t3", "t4"]), ("allTasks", "MODIFIED_AT", ["t2", "t3", "t4", "t1"]),
        ("allTasks", "LEAD_TIME", ["t2", "t1", "t3", "t4"]), ("allTasks", "TYPE", ["t4", "t1", "t2", "t3"]),
        ("allTasks", "IS_ARCHIVED", ["t1", "t2", "t3", "t4"]), ("allTasks", "SLUG", ["t1", "t2", "t3", "t4"]),
      ] {
        #expect(try await fixture.slugs(field, "order: [{attribute: \(order)}]") == expected, "\(field) \(order)")
        #expect(
          try await fixture.slugs(field, "order: [{attribute: \(order), direction: DESC}]") == expected.reversed(),
          "\(field) \(order) descending")
      }
      for wrong in ["{}", "{attribute: STATUS, meta: \"a\"}"] {
        #expect(
          try await fixture.refusal("{ allWorkItems(order: [\(wrong)]) { totalCount edges { node { id } } } }").code
            == "INVALID_INPUT")
      }
    }
  }
}
