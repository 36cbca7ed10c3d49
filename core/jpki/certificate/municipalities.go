package certificate

import "slices"

// municipalities are some real ones, in the order of their codes, so that a
// simulated population has places to live in. Two are called Fuchu-shi.
var municipalities = []Municipality{
	{"011011", "Hokkaido", "Sapporo-shi-Chuo-ku"},
	{"012025", "Hokkaido", "Hakodate-shi"},
	{"022012", "Aomori-ken", "Aomori-shi"},
	{"041017", "Miyagi-ken", "Sendai-shi-Aoba-ku"},
	{"082201", "Ibaraki-ken", "Tsukuba-shi"},
	{"112011", "Saitama-ken", "Kawagoe-shi"},
	{"122033", "Chiba-ken", "Ichikawa-shi"},
	{"122301", "Chiba-ken", "Yachimata-shi"},
	{"131016", "Tokyo-to", "Chiyoda-ku"},
	{"131130", "Tokyo-to", "Shibuya-ku"},
	{"132063", "Tokyo-to", "Fuchu-shi"},
	{"132217", "Tokyo-to", "Kiyose-shi"},
	{"134015", "Tokyo-to", "Hachijo-machi"},
	{"141046", "Kanagawa-ken", "Yokohama-shi-Naka-ku"},
	{"151017", "Niigata-ken", "Niigata-shi-Kita-ku"},
	{"172014", "Ishikawa-ken", "Kanazawa-shi"},
	{"202011", "Nagano-ken", "Nagano-shi"},
	{"221015", "Shizuoka-ken", "Shizuoka-shi-Aoi-ku"},
	{"231061", "Aichi-ken", "Nagoya-shi-Naka-ku"},
	{"261041", "Kyoto-fu", "Kyoto-shi-Nakagyo-ku"},
	{"271021", "Osaka-fu", "Osaka-shi-Miyakojima-ku"},
	{"271276", "Osaka-fu", "Osaka-shi-Kita-ku"},
	{"282014", "Hyogo-ken", "Himeji-shi"},
	{"342084", "Hiroshima-ken", "Fuchu-shi"},
	{"352110", "Yamaguchi-ken", "Nagato-shi"},
	{"372013", "Kagawa-ken", "Takamatsu-shi"},
	{"401331", "Fukuoka-ken", "Fukuoka-shi-Chuo-ku"},
	{"462012", "Kagoshima-ken", "Kagoshima-shi"},
	{"472018", "Okinawa-ken", "Naha-shi"},
	{"473821", "Okinawa-ken", "Yonaguni-cho"},
}

// Municipalities are some real municipalities, ascending by code.
func Municipalities() []Municipality { return slices.Clone(municipalities) }

// MunicipalityOf finds a municipality of the table by its code of five digits,
// with or without check digit.
func MunicipalityOf(code string) (Municipality, bool) {
	for _, m := range municipalities {
		if code == m.Code || code == m.Area() {
			return m, true
		}
	}
	return Municipality{}, false
}
