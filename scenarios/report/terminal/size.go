package terminal

import (
	"io"
	"os"
)

// Width is how wide the terminal is that a writer writes to, for Options; 0 where it is
// none, or cannot be asked.
func Width(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	return columnsOf(file.Fd())
}
