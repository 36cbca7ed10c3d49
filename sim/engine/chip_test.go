package engine

import "testing"

func TestChips(t *testing.T) {
	for _, c := range Chips() {
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}
