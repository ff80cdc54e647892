package views

import (
	"math/big"
	"time"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// certificate is a certificate, an empty one where there is none.
func certificate(c *mesh.Certificate) *mesh.Certificate {
	if c == nil {
		return &mesh.Certificate{}
	}
	return c
}

// serialHex is a serial number in hexadecimal, as istioctl and openssl print it;
// as sent where it is no number.
func serialHex(c *mesh.Certificate) string {
	if c == nil || len(c.Serial) > 100 {
		return ""
	}
	if n, ok := new(big.Int).SetString(c.Serial, 10); ok {
		return n.Text(16)
	}
	return c.Serial
}

// validAt tells whether a moment is within a certificate's time.
func validAt(c *mesh.Certificate, at time.Time) mesh.Fact {
	switch {
	case c == nil || c.NotAfter.IsZero():
		return mesh.FactUnknown
	case at.Before(c.NotBefore) || at.After(c.NotAfter):
		return mesh.FactNo
	}
	return mesh.FactYes
}

func validCell(c *mesh.Certificate, at time.Time) DumpCell {
	switch validAt(c, at) {
	case mesh.FactYes:
		return DumpCell{Text: "yes", Tone: ui.ToneGood}
	case mesh.FactNo:
		return DumpCell{Text: "no", Tone: ui.ToneBad}
	}
	if c == nil {
		return DumpCell{Text: "no certificate", Tone: toneSoft}
	}
	return DumpCell{Text: "unknown", Tone: ui.ToneUnknown}
}

func notAfterCell(c *mesh.Certificate, at time.Time) DumpCell {
	cell := DumpCell{Time: certificate(c).NotAfter}
	if validAt(c, at) == mesh.FactNo {
		cell.Tone = ui.ToneBad
	}
	return cell
}
