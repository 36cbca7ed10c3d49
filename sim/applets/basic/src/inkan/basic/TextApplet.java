package inkan.basic;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.Util;

/** Text input support: what is printed on the card, behind the PIN and what can be read off the card's face. */
public final class TextApplet extends BasicApplet {
	private static final byte INS_VERIFY = 0x20;
	private static final byte INS_CHANGE = 0x24;
	private static final byte INS_READ = (byte) 0xB0;

	private static final byte NUMBER = 0x01;
	private static final byte ATTRIBUTES = 0x02;
	private static final byte DIGESTS = 0x03;
	private static final byte INFORMATION = 0x05;

	private final Slots number;
	private final Slots attributes;
	private final Slots digests;
	private final Slots information;
	private final Secrets secrets;

	private TextApplet(byte[] b, short offset) {
		super(b, offset);
		number = new Slots((short) 32, work);
		attributes = new Slots((short) 1024, work);
		digests = new Slots((short) 512, work);
		information = new Slots((short) 256, work);
		secrets = new Secrets(this);
	}

	/** Installs an instance. */
	public static void install(byte[] b, short offset, byte length) {
		new TextApplet(b, offset).register(b, (short) (offset + 1), b[offset]);
	}

	/** The transparent EF of an identifier; null: there is none. */
	private Slots file(byte ef) {
		switch (ef) {
		case NUMBER:
			return number;
		case ATTRIBUTES:
			return attributes;
		case DIGESTS:
			return digests;
		case INFORMATION:
			return information;
		default:
			return null;
		}
	}

	boolean exists(byte ef) {
		return file(ef) != null || Secrets.has(ef);
	}

	boolean takes(byte ef) {
		return exists(ef);
	}

	/** Spec: SPEC-IDCARD-045. */
	private boolean mayRead(byte ef) {
		switch (ef) {
		case NUMBER:
			return secrets.isVerified(Secrets.PIN) || secrets.isVerified(Secrets.CODE_A);
		case ATTRIBUTES:
			return secrets.isVerified(Secrets.PIN) || secrets.isVerified(Secrets.CODE_B);
		case DIGESTS:
			return secrets.isVerified(Secrets.PIN) || secrets.isVerified(Secrets.CODE_A) || secrets.isVerified(Secrets.CODE_B);
		default:
			return true;
		}
	}

	boolean command(APDU apdu, byte[] b, byte ins) {
		switch (ins) {
		case INS_READ:
			read(apdu, b);
			return true;
		case INS_VERIFY:
			secrets.verify(apdu, b);
			return true;
		case INS_CHANGE:
			secrets.change(apdu, b);
			return true;
		default:
			return false;
		}
	}

	/** READ BINARY. Spec: SPEC-IDCARD-030, SPEC-IDCARD-031. */
	private void read(APDU apdu, byte[] b) {
		byte p1 = b[ISO7816.OFFSET_P1];
		boolean named = p1 < 0;
		byte sfi = (byte) (p1 & 0x1F);
		short offset = named ? (short) (b[ISO7816.OFFSET_P2] & 0xFF) : Util.getShort(b, ISO7816.OFFSET_P1);
		Status.need(!named || (p1 & 0x60) == 0 && sfi != 0 && sfi != 0x1F, ISO7816.SW_INCORRECT_P1P2);
		Input.refuse(apdu);
		byte ef = bySFI(named ? sfi : NONE);
		Slots file = file(ef);
		Status.need(file != null, Status.WRONG_FILE);
		Status.need(mayRead(ef), ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		Status.need(offset < file.length(), ISO7816.SW_WRONG_P1P2);
		setCurrent(ef);
		send(apdu, file, offset);
	}

	void leave() {
		secrets.forget();
	}

	void settle() {
		number.settle();
		attributes.settle();
		digests.settle();
		information.settle();
	}

	void checkLength(byte ef, short n) {
		Slots file = file(ef);
		if (file == null) {
			Status.need(n == Secrets.length(ef), ISO7816.SW_WRONG_DATA);
		} else {
			Status.need(n <= file.capacity(), Status.TOO_LONG);
		}
	}

	void put(byte ef, short at, byte[] b, short offset, short n) {
		Slots file = file(ef);
		if (file == null) {
			Util.arrayCopyNonAtomic(b, offset, work, at, n);
		} else {
			file.put(at, b, offset, n);
		}
	}

	void finish(byte ef, short n) {
		Slots file = file(ef);
		if (file != null) {
			file.exchange(n);
			return;
		}
		try {
			Status.need(Secrets.isValue(ef, work, (short) 0, n), ISO7816.SW_WRONG_DATA);
			secrets.set(ef, work, (short) 0);
		} finally {
			Util.arrayFillNonAtomic(work, (short) 0, (short) work.length, (byte) 0);
		}
	}
}
