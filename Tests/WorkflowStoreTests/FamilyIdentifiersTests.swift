import Postgres
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("Ids of a family")
struct FamilyIdentifiersTests {
  @Test("ids are version 7, sort in the order of their making and carry the root's bucket")
  func order() throws {
    var root = FamilyIdentifiers()
    let first = root.next()
    var later = FamilyIdentifiers(family: first)
    var ids = [first]
    for _ in 0..<2_000 { ids.append(root.next()) }
    #expect(ids == ids.sorted())
    #expect(Set(ids).count == ids.count)
    ids += (0..<2_000).map { _ in later.next() }
    for id in ids {
      #expect(id.high >> 12 & 0xF == 7)
      #expect(id.low >> 62 == 2)
      #expect(id.low >> 48 & 0x3FFF == first.low >> 48 & 0x3FFF)
    }
  }

  @Test("the first 48 bits are the milliseconds since 1970")
  func time() {
    var identifiers = FamilyIdentifiers()
    let before = Timestamp.now().microseconds / 1_000
    let id = identifiers.next()
    let after = Timestamp.now().microseconds / 1_000
    #expect((before...after).contains(Int64(id.high >> 16)))
  }
}
