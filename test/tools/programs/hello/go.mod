module pullkeeper.dev/test/hello

go 1.26.0
