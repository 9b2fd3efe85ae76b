/* The twins of `spawn` and `start`: see kernel/spawn.py and kernel/starting.py.

   A class, with arguments or without, under a parent that may have children: all else is left to
   the pure functions. */

#include "speed.h"

/* ------------------------------------------------------------------ spawn */

/* Cell(scheduler, parent, name, Life.NEW, recipe, DEFAULT), busy with its start. */
static PyObject *
new_cell(PyObject *scheduler, PyObject *parent, PyObject *name, PyObject *recipe)
{
    PyObject *cell = S.cell->tp_alloc(S.cell, 0), *zero;
    if (cell == NULL) {
        return NULL;
    }
    zero = PyLong_FromLong(0);
    if (zero == NULL) {
        Py_DECREF(cell);
        return NULL;
    }
#define INIT(slot, value) SLOT(cell, cell_##slot) = Py_NewRef(value);
    INIT(box, cell)
    INIT(plain, Py_True)
    INIT(first, S.start)
    INIT(find, S.no_handler)
    INIT(actor, Py_None)
    INIT(msg, Py_None)
    INIT(scheduler, scheduler)
    INIT(parent, parent)
    INIT(name, name)
    INIT(recipe, recipe)
    INIT(spec, S.default_spec)
    INIT(life, S.new_)
    INIT(state, Py_None)
    INIT(incarnation, zero)
    INIT(handled, zero)
    INIT(suspension, Py_None)
    INIT(waiting, Py_None)
    INIT(rich, Py_None)
    INIT(outcome, Py_None)
    INIT(start_error, Py_None)
#undef INIT
    Py_DECREF(zero);
    return cell;
}

/* The cell into the run queue, the parent's children and the system's count: 0, or -1. */
static int
enter(PyObject *scheduler, PyObject *parent, PyObject *cell)
{
    if (push_back(SLOT(scheduler, scheduler_ready), cell) < 0) {
        return -1;
    }
    if (PyLong_AsLong(SLOT(scheduler, scheduler_awake)) == 0) {
        PyObject *done = PyObject_CallMethod(SLOT(scheduler, scheduler_port), "unpark", NULL);
        if (done == NULL) {
            return -1;
        }
        Py_DECREF(done);
    }
    PyObject *more = SLOT(parent, cell_rich);
    more = more == Py_None ? PyObject_GetAttrString(parent, "more") : Py_NewRef(more);
    if (more == NULL) {
        return -1;
    }
    int result = -1;
    if (!IS(more, more) || SLOT(more, more_children) == NULL) {
        PyErr_SetString(PyExc_TypeError, "a cell's `more` is no More");
    }
    else {
        if (SLOT(more, more_children) == S.no_children) {
            PyObject *children = PyDict_New();
            if (children != NULL) {
                Py_SETREF(SLOT(more, more_children), children);
            }
        }
        if (SLOT(more, more_children) != S.no_children) {
            result = PyDict_SetItem(SLOT(more, more_children), cell, Py_None);
        }
    }
    Py_DECREF(more);
    return result < 0 ? -1 : COUNT(scheduler, scheduler_actors, 1);
}

PyObject *
speed_spawn(PyObject *module, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    if (!LOADED()) {
        return NULL;
    }
    if (n < 4 || n > 5 || names != NULL || !IS_CELL(args[0]) || !PyType_CheckExact(args[1])
        || !PyTuple_CheckExact(args[2]) || !PyDict_CheckExact(args[3])) {
        return PyObject_Vectorcall(S.pure_spawn, args, (size_t)n, names);
    }
    PyObject *parent = args[0], *life = SLOT(parent, cell_life);
    PyObject *scheduler = SLOT(parent, cell_scheduler);
    if (!IS_SCHEDULER(scheduler) || SLOT(scheduler, scheduler_open) != Py_True
        || (life != S.running && life != S.starting)
        || SLOT(scheduler, scheduler_limits) != Py_None
        || SLOT(scheduler, scheduler_guarded) != Py_False
        || !Py_IS_TYPE(SLOT(scheduler, scheduler_ready), S.deque)) {
        return PyObject_Vectorcall(S.pure_spawn, args, (size_t)n, names);
    }
    int at_home = speed_at_home(scheduler);
    if (at_home <= 0) {
        return at_home < 0 ? NULL : PyObject_Vectorcall(S.pure_spawn, args, (size_t)n, names);
    }
    PyObject *recipe, *cell = NULL, *ref = NULL;
    if (PyTuple_GET_SIZE(args[2]) || PyDict_GET_SIZE(args[3])) {
        recipe = PyTuple_Pack(3, args[1], args[2], args[3]);
    }
    else {
        recipe = Py_NewRef(args[1]); /* a class without arguments is its own recipe */
    }
    if (recipe == NULL || COUNT(scheduler, scheduler_serial, 1) < 0) {
        Py_XDECREF(recipe);
        return NULL;
    }
    PyObject *label = n == 5 ? args[4] : Py_None;
    int labelled = PyObject_IsTrue(label);
    if (labelled >= 0) {
        cell = new_cell(
            scheduler, parent, labelled ? label : SLOT(scheduler, scheduler_serial), recipe);
    }
    Py_DECREF(recipe);
    if (cell != NULL && enter(scheduler, parent, cell) == 0) {
        ref = S.ref->tp_alloc(S.ref, 0);
        if (ref != NULL) {
            SLOT(ref, ref__cell) = Py_NewRef(cell);
        }
    }
    Py_XDECREF(cell);
    return ref;
}

/* ------------------------------------------------------------------ start */

/* maker.__init__(actor, *args, **kwargs) */
static int
initialise(PyObject *maker, PyObject *actor, PyObject *args, PyObject *kwargs)
{
    PyObject *function = PyObject_GetAttr(maker, S.dunder_init), *done = NULL;
    if (function == NULL) {
        return -1;
    }
    Py_ssize_t count = args == NULL ? 0 : PyTuple_GET_SIZE(args);
    PyObject *few[8], **all = few;
    if (count >= 8) {
        all = PyMem_New(PyObject *, (size_t)count + 1);
    }
    if (all == NULL) {
        PyErr_NoMemory();
    }
    else {
        all[0] = actor;
        for (Py_ssize_t i = 0; i < count; i++) {
            all[i + 1] = PyTuple_GET_ITEM(args, i);
        }
        done = PyObject_VectorcallDict(function, all, (size_t)count + 1, kwargs);
        if (all != few) {
            PyMem_Free(all);
        }
    }
    Py_DECREF(function);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* As `construct`, for a class that is made by object.__new__ and __init__ alone. */
static PyObject *
construct(PyObject *cell, PyObject *recipe, PyObject *maker, PyObject *protocol)
{
    PyObject *args = NULL, *kwargs = NULL;
    int inherits_init = SLOT(protocol, protocol_plain_init) == Py_True, failed;
    if (recipe != maker) {
        args = PyTuple_GET_ITEM(recipe, 1);
        kwargs = PyTuple_GET_ITEM(recipe, 2);
    }
    /* by its Python name: that refuses a class whose instances C must make */
    PyObject *actor = PyObject_CallOneArg(S.object_new, maker);
    if (actor == NULL) {
        return NULL;
    }
    failed = PyObject_SetAttr(actor, S.dunder_cell, cell) < 0;
    if (!failed && inherits_init && args != NULL) { /* nobody takes arguments, if there are any */
        PyObject *done =
            PyObject_CallFunctionObjArgs(S.check_arguments, maker, args, kwargs, NULL);
        Py_XDECREF(done);
        failed = done == NULL;
    }
    else if (!failed && !inherits_init) {
        failed = initialise(maker, actor, args, kwargs) < 0;
    }
    if (failed) {
        Py_CLEAR(actor);
    }
    return actor;
}

/* The class of a recipe of a class and its arguments, of the form that `spawn` makes. */
static PyObject *
maker_of(PyObject *recipe)
{
    if (!PyTuple_CheckExact(recipe)) {
        return recipe;
    }
    if (PyTuple_GET_SIZE(recipe) == 3 && PyTuple_CheckExact(PyTuple_GET_ITEM(recipe, 1))
        && PyDict_CheckExact(PyTuple_GET_ITEM(recipe, 2))) {
        return PyTuple_GET_ITEM(recipe, 0);
    }
    return recipe;
}

/* Whether the start goes on, or -1 with an error: what is left after construction, if anything. */
static int
begin(PyObject *cell, PyObject *protocol)
{
    PyObject *state = SLOT(protocol, protocol_plain_start);
    PyObject *scheduler = SLOT(cell, cell_scheduler);
    if (SLOT(cell, cell_rich) == Py_None && SLOT(cell, cell_spec) == S.default_spec
        && SLOT(cell, cell_state) == Py_None && state != NULL && IS(state, state)
        && SLOT(state, state_find) != NULL
        && SLOT(scheduler, scheduler_observed) == Py_False) {
        PUT(cell, cell_life, S.running);
        PUT(cell, cell_state, state);
        PUT(cell, cell_find, SLOT(state, state_find));
        return 1;
    }
    PyObject *goes_on = PyObject_CallMethod(S.starting_module, "begin", "O", cell);
    int truth = goes_on == NULL ? -1 : PyObject_IsTrue(goes_on);
    Py_XDECREF(goes_on);
    return truth;
}

static int
pure_start(PyObject *cell)
{
    PyObject *goes_on = PyObject_CallOneArg(S.pure_start, cell);
    int truth = goes_on == NULL ? -1 : PyObject_IsTrue(goes_on);
    Py_XDECREF(goes_on);
    return truth;
}

int
speed_start(PyObject *cell)
{
    /* of the very class: one that notes what is written is not written to from here */
    if (!Py_IS_TYPE(cell, S.cell) || SLOT(cell, cell_life) != S.new_
        || !IS_SCHEDULER(SLOT(cell, cell_scheduler))) {
        return pure_start(cell);
    }
    PyObject *recipe = SLOT(cell, cell_recipe), *maker = maker_of(recipe);
    if (!PyType_CheckExact(maker)) {
        return pure_start(cell);
    }
    PyObject *protocol = PyObject_GetAttr(maker, S.dunder_protocol);
    if (protocol == NULL) {
        PyErr_Clear();
        return pure_start(cell);
    }
    if (!IS(protocol, protocol) || SLOT(protocol, protocol_plain_init) == NULL
        || SLOT(protocol, protocol_plain_maker) != maker) {
        Py_DECREF(protocol);
        return pure_start(cell);
    }
    int result = -1;
    Py_INCREF(recipe); /* and with it the maker */
    PUT(cell, cell_life, S.starting);
    if (COUNT(cell, cell_incarnation, 1) == 0) {
        PyObject *actor = construct(cell, recipe, maker, protocol);
        if (actor != NULL) {
            PUT(cell, cell_actor, actor);
            Py_DECREF(actor);
            result = begin(cell, protocol);
        }
        else { /* started(cell, None, error) */
            PyObject *goes_on = speed_with_error(S.starting_module, "started", cell, Py_None);
            result = goes_on == NULL ? -1 : PyObject_IsTrue(goes_on);
            Py_XDECREF(goes_on);
        }
    }
    Py_DECREF(recipe);
    Py_DECREF(protocol);
    return result;
}

PyObject *
speed_start_twin(PyObject *module, PyObject *cell)
{
    if (!LOADED()) {
        return NULL;
    }
    if (!IS_CELL(cell)) {
        return PyObject_CallOneArg(S.pure_start, cell);
    }
    int goes_on = speed_start(cell);
    return goes_on < 0 ? NULL : PyBool_FromLong(goes_on);
}
