import Server

MillraceCommandLine.main()
