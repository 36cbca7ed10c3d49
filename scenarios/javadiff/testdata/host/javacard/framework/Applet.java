package javacard.framework;

public abstract class Applet {
    /** The instance that the last install made. */
    public static Applet registered;

    protected Applet() {}

    protected final void register() {
        registered = this;
    }

    protected final void register(byte[] bArray, short bOffset, byte bLength) {
        registered = this;
    }

    protected final boolean selectingApplet() {
        return false;
    }

    public boolean select() {
        return true;
    }

    public void deselect() {}

    public Shareable getShareableInterfaceObject(AID clientAID, byte parameter) {
        return null;
    }

    public abstract void process(APDU apdu);
}
