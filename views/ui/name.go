package ui

// tailRunes is how much of the end of a long name is always shown: enough for
// "-6d9f8…-x2x7k" to tell pods apart. It is the 12ch of .name-head in
// static/src/components.css.
const tailRunes = 12

// wholeRunes is the longest name that is not split: where it does not fit it
// wraps, since an ellipsis would save nothing.
const wholeRunes = 28

// splitName cuts a long name into a head that may be shortened by the browser
// and a tail that never is. Only printable ASCII is split, because the
// stylesheet counts on characters of one width; other names stay whole.
func splitName(name string) (head, tail string) {
	if len(name) <= wholeRunes {
		return name, ""
	}
	for i := range len(name) {
		if name[i] < 0x20 || name[i] > 0x7e {
			return name, ""
		}
	}
	cut := len(name) - tailRunes
	return name[:cut], name[cut:]
}
