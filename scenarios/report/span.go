package report

import (
	"fmt"
	"time"
)

// Span is a length of time for people: "850 µs", "12.4 ms", "3.21 s", "4 min 12 s",
// "2 h 05 min", "3 d 4 h".
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Span(-d)
	case d == 0:
		return "0 s"
	case d < time.Millisecond-500*time.Nanosecond:
		return fmt.Sprintf("%d µs", d.Round(time.Microsecond).Microseconds())
	case d < time.Second-50*time.Microsecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Minute-5*time.Millisecond:
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	seconds := int64(d.Round(time.Second) / time.Second)
	switch {
	case seconds < 3600:
		return fmt.Sprintf("%d min %02d s", seconds/60, seconds%60)
	case seconds < 24*3600:
		return fmt.Sprintf("%d h %02d min", seconds/3600, seconds/60%60)
	}
	return fmt.Sprintf("%d d %d h", seconds/86400, seconds/3600%24)
}

// Clock is a time since the run's start for people: "00:12.4", "1:02:03", "2 d 03:04".
func Clock(d time.Duration) string {
	tenths := int64(d / (100 * time.Millisecond))
	seconds := tenths / 10
	switch {
	case seconds < 3600:
		return fmt.Sprintf("%02d:%02d.%d", seconds/60, seconds%60, tenths%10)
	case seconds < 24*3600:
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d d %02d:%02d", seconds/86400, seconds/3600%24, seconds/60%60)
}
