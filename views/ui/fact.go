package ui

import "github.com/waylight/waylight/mesh"

// factLook is the colour class and shape of an answer. A no is not coloured: it
// depends on the question whether it is bad news.
func factLook(f mesh.Fact) (class, shape string) {
	switch f {
	case mesh.FactYes:
		return "good", "check"
	case mesh.FactNo:
		return "soft", "dash"
	case mesh.FactPending:
		return "warning", "dots"
	}
	return "unknown", "question"
}

func factClass(f mesh.Fact) string { c, _ := factLook(f); return c }

func factShape(f mesh.Fact) string { _, s := factLook(f); return s }

// factWord is what is printed; a forgotten value is unknown, never no.
func factWord(f mesh.Fact) string {
	switch f {
	case mesh.FactYes, mesh.FactNo, mesh.FactPending:
		return string(f)
	}
	return string(mesh.FactUnknown)
}
