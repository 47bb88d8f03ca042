"""Validates BPMN documents against BPMN20.xsd.

    validate.py unpack <folder with a wheel> <folder for the schema>
    validate.py check <folder with the schema> <folder with *.bpmn>
"""
import pathlib
import sys
import zipfile

INSIDE = "SpiffWorkflow/bpmn/parser/schema/"
FILES = ["BPMN20.xsd", "BPMNDI.xsd", "DC.xsd", "DI.xsd", "Semantic.xsd"]

# What a picture of all kinds of nodes has to have, so that a check of nothing does not pass.
ELEMENTS = {
    "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent",
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway",
    "task", "userTask", "serviceTask", "scriptTask", "receiveTask", "callActivity",
    "multiInstanceLoopCharacteristics", "association", "signal", "message", "error", "escalation",
    "timerEventDefinition", "messageEventDefinition", "signalEventDefinition", "conditionalEventDefinition",
    "errorEventDefinition", "escalationEventDefinition", "compensateEventDefinition", "terminateEventDefinition",
}


def unpack(wheels, target):
    wheel = next(pathlib.Path(wheels).glob("*.whl"))
    target = pathlib.Path(target)
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in FILES:
            (target / name).write_bytes(archive.read(INSIDE + name))


def check(schema, samples):
    from lxml import etree

    validator = etree.XMLSchema(etree.parse(str(pathlib.Path(schema) / "BPMN20.xsd")))
    documents = sorted(pathlib.Path(samples).glob("*.bpmn"))
    seen, failures = set(), 0
    for path in documents:
        document = etree.parse(str(path))
        seen |= {etree.QName(element).localname for element in document.iter() if isinstance(element.tag, str)}
        if not validator.validate(document):
            failures += 1
            for error in validator.error_log:
                print(f"{path.name}:{error.line}: {error.message}")
    # The validator itself has to see a document that is wrong.
    broken = etree.fromstring(etree.tostring(document))
    broken[0].set("colour", "red")
    assert not validator.validate(broken), "The schema takes everything."
    missing = ELEMENTS - seen
    if missing:
        print("No sample has:", ", ".join(sorted(missing)))
    print(f"{len(documents)} documents, {failures} not valid, {len(seen & ELEMENTS)} of {len(ELEMENTS)} kinds of elements")
    return failures == 0 and not missing and len(documents) > 0


if __name__ == "__main__":
    command, first, second = sys.argv[1:]
    if command == "unpack":
        unpack(first, second)
    elif not check(first, second):
        sys.exit(1)
