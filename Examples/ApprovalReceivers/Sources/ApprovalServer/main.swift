import ApprovalReceivers
import Server

MillraceCommandLine.main(modules: [Approvals.self])
