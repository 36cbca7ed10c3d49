package inkan.jpki;

/** Elementary files: the identifier is 00 and this byte, which is the SFI too (JPKI-AP, elementary files). */
final class Ef {
	static final byte NONE = 0;
	static final byte SIGN_CERTIFICATE = 0x01;
	static final byte SIGN_CA = 0x02;
	static final byte TOKEN = 0x06;
	static final byte AVAILABILITY = 0x08;
	static final byte AUTH_CERTIFICATE = 0x0A;
	static final byte AUTH_CA = 0x0B;
	static final byte AUTH_KEY = 0x17;
	static final byte AUTH_PIN = 0x18;
	static final byte SIGN_KEY = 0x1A;
	static final byte SIGN_PIN = 0x1B;

	private Ef() {
	}

	/** Which role a file belongs to. */
	static byte role(byte ef) {
		return ef == SIGN_CERTIFICATE || ef == SIGN_CA || ef == SIGN_KEY || ef == SIGN_PIN ? Role.SIGN : Role.AUTH;
	}
}
