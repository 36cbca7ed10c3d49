package keys

// testFingerprints are the published test keys, by the fingerprint of their
// public half: package testkeys has the keys, and its test holds this table to
// them.
var testFingerprints = map[string]string{
	"b6320e7fe93e4a7bc64bc4945fe1a135af9d5defd91b7b449bb54c081ad1c753": "authentication-ca-01",
	"376fc2bb7eec043e2e0785bd5841c8c04692da895d45f193a1f1a452dbebb7cb": "authentication-ca-02",
	"916c2acc45e1d50bfb33fc9e26bc83b64d92a2d1913c2f2114106949b69655ec": "authentication-ca-03",
	"afa9934f518d57aadbc0aa6f83a07c339571f38c5475d475ca542a6e72d150bb": "authentication-ocsp-01",
	"0932d78df0c2ec99c37c9e8a8e35348950b0b3891e06d037bed05e4a9ec4912f": "authentication-ocsp-02",
	"ced6c00feea5961aa7f7b7f807c078ba9c2b7bc353831dcd6c30e4b1bf24de40": "content-01",
	"c377d38f9e715283000c0b3fed7c50c221327dfeaad17946bd5639514cabce68": "content-02",
	"306a4065cd7c41db1e485a83149b032bebc192edad230def934604f3b0a7c963": "holder-01",
	"215ff701c41684c29ee6ba36074d722052d53184ea69e4a5dcc5b256fc7f624e": "holder-02",
	"c9f6440bd4dbbc64111cb94165c17b4090e5ecba262b6ec7d2bdebea8ba63fe2": "holder-03",
	"c2bd4d5d3785687bd34dbb5db2dd64589084c9b20b3df4103681b765e0bc95b8": "holder-04",
	"6c25b6b6b7ec13b686bc4a84dda6e65454685cc1831af35bfb60e2a17c2459cc": "holder-05",
	"322c021ce0809917bd5515d84cad950822c7e526c00f5ba4659e8f57ffa119b6": "holder-06",
	"434411d2474077fded347f83f5267596ff88bbf711b4b7d75b4bb5682e39a953": "holder-07",
	"9101d4c70a1f272e38133bddd237f5bfe5d9321f13ff3c771fec904461e33c67": "holder-08",
	"8f8ec3225d9e82ddd241e30d575cf6cc3767806f08dc8dc0d1c4c794eb2d6c45": "holder-09",
	"7f862d15cda0856f318c958eb8ceda086e2d9a5a4d04ad642e74aa0992830714": "holder-10",
	"0c327d087cd2501f9a096263707a837c14f2e83c61957704dca4592557df75e4": "holder-11",
	"f67f37628184f92e33f94e31406345f67ca011ce7aee812e9450126e43670c2d": "holder-12",
	"e53ded24e0f2eef353f74a886bc9c7c2d29e565711c1873f2bf7706c54f58218": "request-01",
	"72d13fd7d11c468d492f6cf7edfa9854b1f1c4c24e1634926553907bb02312dd": "request-02",
	"241831060b46e2bff508300cfd8e3597735830136d13ab0fe9673a0f614a60cd": "signature-ca-01",
	"1ceb79c7d55ecca97196230a7fb5695281d11704915c2272be5c67fa5e85a91c": "signature-ca-02",
	"595e210e83c313e5b7e851855d685c17bf2f601879c7787004c8f8b8b6c36ca4": "signature-ca-03",
	"bbbc791c813ed45c5aff08abe19d6bff5ee84f820884363593d01b606dd6e257": "signature-ocsp-01",
	"cfe5d7e60ebf3249a6916dc697ecb86fe75038c5bebf749a61570f3dac9fdaf5": "signature-ocsp-02",
	"f3eb175d45cde1561ff0a32feefa676d149dfb61e9de6078778be2f76e6a50c8": "terminal-ca-01",
	"c6c0b1e1b3104e75bca7348c9845397eb9cc963fe83607f0e41eea5970b629da": "terminal-ca-02",
}
