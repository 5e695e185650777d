// Command bcrypt reads a password from standard input and prints its hash, as a registry's htpasswd file holds it.
package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/crypto/bcrypt"
)

func main() {
	password, err := io.ReadAll(os.Stdin)
	if err == nil {
		var hash []byte
		// The lowest cost: what the registry checks at every pull is a password of a test.
		if hash, err = bcrypt.GenerateFromPassword(password, bcrypt.MinCost); err == nil {
			fmt.Println(string(hash))
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
