//! Which list to take out of which system.

/// How to get the export of one system.
#[derive(Debug, PartialEq, Eq)]
pub struct Recipe {
    /// In addresses.
    pub name: &'static str,
    pub label: &'static str,
    /// What to open, as the system calls it.
    pub list: &'static str,
    /// How to filter and save it.
    pub how: &'static str,
}

pub const RECIPES: &[Recipe] = &[
    Recipe {
        name: "epicor",
        label: "Epicor",
        list: "Job Cost Detail",
        how: "last 12 months, closed jobs, saved as CSV. About 3 minutes.",
    },
    Recipe {
        name: "sap",
        label: "SAP",
        list: "Transaction COOIS, lists “Order headers” and “Operations”",
        how: "last 12 months, finished orders, saved as spreadsheet. Costs by order come from KOB1. Drop all files together.",
    },
    Recipe {
        name: "netsuite",
        label: "NetSuite",
        list: "A saved search on Manufacturing Operation Task",
        how: "with the work order’s quantities, dates and costs, last 12 months, exported as CSV.",
    },
    Recipe {
        name: "infor",
        label: "Infor",
        list: "Job Operations and Job Transactions",
        how: "filtered to the last 12 months, each exported to Excel. Drop both files together.",
    },
    Recipe {
        name: "dynamics",
        label: "Dynamics",
        list: "Finished Production Orders and Capacity Ledger Entries",
        how: "last 12 months, each opened in Excel and saved. Drop both files together.",
    },
    Recipe {
        name: "odoo",
        label: "Odoo",
        list: "Manufacturing Orders and Work Orders",
        how: "list view, all rows chosen, Export. Drop both files together.",
    },
    Recipe {
        name: "other",
        label: "Other",
        list: "Any list with one row per order, operation or booking",
        how: "CSV or Excel, any language, any column names. Several lists of the same orders can be dropped together.",
    },
];
