import API
import Testing
import WorkflowEngine

@Suite("Files of definitions")
struct DefinitionFileTests {
  private static func file(_ tasks: String, _ workflows: String = "") -> String {
    "{\"millrace\": \"definitions\", \"version\": 1,\n\"tasks\": [\(tasks)],\n\"workflows\": [\(workflows)]}"
  }

  private static let task = "{\"slug\": \"a\", \"type\": \"simple\", \"name\": {\"en\": \"A\"}}"

  @Test(
    "what does not parse is refused with its line and column",
    arguments: [
      ("{\"millrace\": ", "1:14: Invalid JSON: unexpected end at byte 13."),
      ("[]", "1:1: This is no file of definitions: it has to be an object with \"millrace\": \"definitions\"."),
      ("{\"millrace\": \"definitions\", \"version\": 2}", "1:40: The version of the file has to be 1."),
      ("{\"millrace\": \"definitions\"}", "1:1: The version of the file has to be 1."),
      ("{\"millrace\": \"definitions\", \"version\": 1, \"task\": []}", "1:51: There is no member \"task\" here."),
      (
        file("{\"slug\": \"a b\"}"),
        "2:20: Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens."
      ),
      (file("{\"slug\": \"a\"}"), "2:11: \"type\" is missing."),
      (file("{\"slug\": 7}"), "2:20: \"slug\" has to be a text."),
      (
        file("{\"slug\": \"a\", \"type\": \"x\", \"name\": {\"en\": \"A\"}}"),
        "2:33: \"type\" has to be \(TaskType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))."
      ),
      (
        file("{\"slug\": \"a\", \"type\": \"simple\", \"name\": {\"en\": \" \"}}"), "2:51: This field may not be blank."
      ),
      (
        file("{\"slug\": \"a\", \"type\": \"simple\", \"name\": \"A\"}"),
        "2:51: \"name\" has to be an object from language to text."
      ),
      (file("{\"slug\": \"a\", \"colour\": 1}"), "2:35: There is no member \"colour\" here."),
      (file("{\"slug\": \"a\", \"slug\": \"b\"}"), "2:33: \"slug\" stands twice."),
      (file("\(task),\n\(task)"), "3:10: The task a stands twice in the file."),
      (
        file("{\"slug\": \"a\", \"type\": \"simple\", \"name\": {\"é\": \"é\"}, \"leadTime\": -1}"),
        "2:75: \"leadTime\" has to be a whole number, not less than 0."
      ),
      (
        file("{\"slug\": \"a\", \"type\": \"simple\", \"name\": {\"en\": \"A\"}, \"addressGroups\": \"[1\"}"),
        "2:81: Could not parse expression: Expected `]`, found the end, at byte 2."
      ),
      (
        file("{\"slug\": \"a\", \"type\": \"simple\", \"name\": {\"en\": \"A\"}, \"continueAsync\": true}"),
        "2:81: Only multiple instance tasks can continue asynchronously"
      ),
    ])
  func refused(text: String, message: String) {
    let failure = #expect(throws: DefinitionFile.Failure.self) { try DefinitionFile(text) }
    #expect(failure?.description == message)
  }

  @Test(
    "workflows are checked as the mutations do",
    arguments: [
      ("\"startTasks\": []", "\"startTasks\" has to be a list of texts, not empty."),
      ("\"startTasks\": [\"a\", \"a\"]", "The task a stands twice in the list."),
      (
        "\"startTasks\": [\"a\"], \"compatibility\": \"viewflow\"",
        "\"compatibility\" has to be \"exact\" or \"caluma\"."
      ),
      (
        "\"startTasks\": [\"a\"], \"flows\": [{\"tasks\": [\"a\"], \"next\": \"1\"}]",
        "Either `next` or `redoable` must contain tasks"
      ),
      (
        "\"startTasks\": [\"a\"], \"flows\": [{\"tasks\": [\"a\"], \"next\": \"'a'|tusk\"}]",
        "The `tusk` transform is undefined."
      ),
      (
        "\"startTasks\": [\"a\"], \"flows\": [{\"tasks\": [\"a\"], \"next\": \"'a'|task\"}, {\"tasks\": [\"a\"], \"next\": \"'a'|task\"}]",
        "The task a has two flows in the workflow w."
      ),
    ])
  func workflows(members: String, message: String) {
    let text = Self.file(Self.task, "{\"slug\": \"w\", \"name\": {\"en\": \"W\"}, \(members)}")
    let failure = #expect(throws: DefinitionFile.Failure.self) { try DefinitionFile(text) }
    #expect(failure?.message == message)
  }
}
