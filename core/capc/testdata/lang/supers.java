// accepted
package inkan.lang.supers;

public class Case {
    public short f(short a) { return a; }
}

class Left extends Case {
    public short f(short a) { return super.f(a); }
    public short g(short a) { return super.f(a); }
}

class Right extends Case {
    public short f(short a) { return super.f(a); }
}
