process.stdout.write('pullkeeper\n');
