// Package analysis judges a snapshot: pure functions of a mesh.Snapshot and a
// time, one check a file, registered in one table.
//
// A check fires only on what it could see. Where a source it needs was not
// readable it is silent and the report says which check was held back and why;
// it never guesses and never turns unknown into fine.
package analysis

//go:generate go test -run TestCatalogueIsWrittenToTheDocs -update .
