package mesh

// Fact is an answer that can be unknown. The zero value is not valid, so that
// a forgotten field shows.
type Fact string

// The values of a Fact. FactPending is used for redirection only.
const (
	FactYes     Fact = "yes"
	FactNo      Fact = "no"
	FactPending Fact = "pending"
	FactUnknown Fact = "unknown"
)

// FactOf turns a known boolean into a Fact.
func FactOf(b bool) Fact {
	if b {
		return FactYes
	}
	return FactNo
}
